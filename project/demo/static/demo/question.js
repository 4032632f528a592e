// A dialog that asks for something: one at a time, whoever wants to know.
import { all, goOn, one } from "./dom.js";

export function question(dialog) {
  let open = null;
  let tried = null;
  all("[data-cancel]", dialog).forEach((button) => button.addEventListener("click", () => dialog.close()));

  return {
    /**
     * Resolves, once it is closed, to whether what was tried last came out well. `begin()` readies it.
     * `signal` closes it: nobody waits for an answer any more.
     */
    ask(why, signal, begin) {
      open ??= new Promise((resolve) => {
        tried = null;
        one("[data-why]", dialog).textContent = why;
        begin();
        dialog.showModal();
        signal?.addEventListener("abort", () => dialog.close());
        dialog.addEventListener("close", async () => {
          open = null;
          goOn();
          resolve(tried !== null && !(await tried).error);
        }, { once: true });
      });
      return open;
    },

    /** Answers with the error of a call of the SDK, or closes the dialog. */
    async try(call) {
      tried = call;
      const { error } = await call;
      if (!error) dialog.close();
      return error;
    },
  };
}
