// The authenticators of the account: how many there are, one more, one less.
import { ask } from "./ask.js";
import { copyOf, moment, one, put, say } from "./dom.js";
import { listIn } from "./list.js";
import { proven } from "./proven.js";
import { setUp } from "./set-up.js";
import { inWords } from "./words.js";

/** `onChange()`: one more, or one less. Answers a function that reads them again. */
export function factors(client, onChange) {
  const place = one("[data-factors]");
  const list = listIn(place);
  const add = async () => {
    if (await setUp("A code from an app on your phone, on top of your password.")) onChange();
  };
  one("[data-enable]", place).addEventListener("click", add);
  one("[data-another]", place).addEventListener("click", add);

  async function read() {
    list.loading();
    const { data, error } = await client.auth.listMfaFactors();
    if (error) return list.failed(inWords(error), "Try again", read);
    const verified = data.factors.filter(({ status }) => status === "verified");
    const isOn = verified.length > 0;
    badge(isOn);
    one("[data-none]", place).hidden = isOn;
    one("[data-enable]", place).hidden = isOn;
    one("[data-another]", place).hidden = !isOn;
    list.rows(verified.map((factor) => row(factor, verified.length === 1)));
    return isOn;
  }

  function badge(isOn) {
    const made = document.createElement("span");
    made.className = isOn ? "badge badge--ok" : "badge";
    made.textContent = isOn ? "On" : "Not set up";
    one("[data-badge]", place).replaceChildren(made);
  }

  function row(factor, isLast) {
    const made = copyOf("row");
    const name = factor.name || "Authenticator app";
    const remove = one("[data-act]", made);
    one("[data-name]", made).textContent = name;
    one("[data-facts]", made).textContent = `Added ${moment(factor.created_at)}`;
    remove.hidden = false;
    remove.textContent = "Remove";
    remove.setAttribute("aria-label", `Remove ${name}`);
    remove.addEventListener("click", async () => {
      const why = isLast
        ? "It is your last one: two-factor is off after this, and your recovery codes end."
        : "Its codes stop working at once.";
      if (!(await ask(`Remove “${name}”?`, why, "Remove"))) return;
      const { error } = await proven(() => unenroll(factor.id));
      put(one("[data-problem]", made), error ? `Not removed. ${inWords(error)}` : "");
      if (error) return;
      say(`Removed ${name}.`);
      one("h2", place).focus();
      onChange();
    });
    return made;
  }

  /** Recovery codes go before the last authenticator: they may not be the only factor. */
  async function unenroll(factorId) {
    const first = await client.auth.unenrollMfa({ factorId });
    if (first.error?.code !== "mfa_recovery_codes_sole_factor") return first;
    const codes = await client.auth.recoveryCodes.remove();
    return codes.error ? codes : client.auth.unenrollMfa({ factorId });
  }

  return read;
}
