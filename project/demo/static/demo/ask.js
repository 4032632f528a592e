// "Are you sure?", in a dialog.
import { one } from "./dom.js";

/** Resolves to whether the person said yes. */
export function ask(question, why, yes) {
  const dialog = one("#ask");
  one("h2", dialog).textContent = question;
  one("[data-why]", dialog).textContent = why;
  one("[data-yes]", dialog).textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", function closed() {
      if (dialog.open) return; // the event of the question before, which comes late
      dialog.removeEventListener("close", closed);
      resolve(dialog.returnValue === "yes");
    });
  });
}
