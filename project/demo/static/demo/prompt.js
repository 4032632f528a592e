// The code of the authenticator app, or a recovery code.
import { all, one } from "./dom.js";
import { fresh, onSubmit } from "./form.js";
import { question } from "./question.js";
import { ofCode, ofRecoveryCode } from "./words.js";

const dialog = one("#prompt");
const code = one("[data-form=code]", dialog);
const recovery = one("[data-form=recovery]", dialog);
const prompt = question(dialog);

export function prompts(client) {
  onSubmit(code, async ({ code }) => {
    const error = await prompt.try(client.auth.verifyMfa({ code }));
    return error && ofCode(error);
  });
  onSubmit(recovery, async ({ code }) => {
    const error = await prompt.try(client.auth.verifyRecoveryCode({ code }));
    return error && ofRecoveryCode(error);
  });
  all("[data-other]", dialog).forEach((button) =>
    button.addEventListener("click", () => turnTo(button.dataset.other)));
}

/** Resolves to whether a code was right. */
export const enterCode = (why, signal) =>
  prompt.ask(why, signal, () => {
    [code, recovery].forEach(fresh);
    show("code");
  });

function turnTo(name) {
  show(name);
  (code.hidden ? recovery : code).elements.code.focus();
}

function show(name) {
  code.hidden = name !== "code";
  recovery.hidden = name !== "recovery";
}
