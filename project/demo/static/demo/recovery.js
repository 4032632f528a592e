// How many recovery codes are left, and new ones.
import { ask } from "./ask.js";
import { showCodes } from "./codes.js";
import { one } from "./dom.js";
import { proven } from "./proven.js";
import { inWords } from "./words.js";

export function recoveryCodes(client) {
  const place = one("[data-recovery]");
  const state = one("[data-state]", place);
  const make = one("[data-make]", place);
  let has = false;

  /** `isOn`: there are none without an authenticator. */
  async function read(isOn) {
    place.hidden = !isOn;
    if (!isOn) return;
    const { data, error } = await client.auth.recoveryCodes.status();
    if (error && error.code !== "mfa_factor_not_found") state.textContent = inWords(error);
    else told(data);
  }

  function told(status) {
    has = Boolean(status);
    state.textContent = has
      ? `${status.remaining} of ${status.total} left`
      : "None yet. They let you in when you lose your phone.";
    make.textContent = has ? "Make new codes" : "Make codes";
  }

  make.addEventListener("click", async () => {
    if (has && !(await ask("Make new codes?", "The ones you have stop working.", "Make new codes"))) return;
    const { recoveryCodes } = client.auth;
    const { data, error } = await proven(() => (has ? recoveryCodes.regenerate() : recoveryCodes.generate()));
    if (error) state.textContent = inWords(error);
    else await showCodes(data.codes);
    if (!error) await read(true);
  });

  return read;
}
