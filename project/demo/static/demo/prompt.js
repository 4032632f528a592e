// The code of the authenticator app, or a recovery code, in a dialog: one at a time.
import { all, one } from "./dom.js";
import { fresh, onSubmit } from "./form.js";
import { ofCode, ofRecoveryCode } from "./words.js";

const dialog = one("#prompt");
const code = one("[data-form=code]", dialog);
const recovery = one("[data-form=recovery]", dialog);
let open = null;

export function prompts(client) {
  onSubmit(code, async ({ code }) => {
    const { error } = await client.auth.verifyMfa({ code });
    if (error) return ofCode(error);
    dialog.close("done");
  });
  onSubmit(recovery, async ({ code }) => {
    const { error } = await client.auth.verifyRecoveryCode({ code });
    if (error) return ofRecoveryCode(error);
    dialog.close("done");
  });
  all("[data-cancel]", dialog).forEach((button) => button.addEventListener("click", () => dialog.close()));
  all("[data-other]", dialog).forEach((button) =>
    button.addEventListener("click", () => turnTo(button.dataset.other)));
}

/** Resolves to true once a code was right, here or in another tab; to false when it is put off. */
export function enterCode(why) {
  open ??= new Promise((resolve) => {
    one("[data-why]", dialog).textContent = why;
    [code, recovery].forEach(fresh);
    code.hidden = false;
    recovery.hidden = true;
    dialog.returnValue = "";
    dialog.showModal();
    dialog.addEventListener("close", () => {
      open = null;
      resolve(dialog.returnValue === "done");
    }, { once: true });
  });
  return open;
}

function turnTo(name) {
  code.hidden = name !== "code";
  recovery.hidden = name !== "recovery";
  (code.hidden ? recovery : code).elements.code.focus();
}
