// Enable two-factor: the QR code, the key, the first code; then the recovery codes, once.
import { saveNewCodes } from "./codes.js";
import { copy } from "./copy.js";
import { one } from "./dom.js";
import { fresh, onSubmit } from "./form.js";
import { proven } from "./proven.js";
import { question } from "./question.js";
import { inWords, ofFirstCode } from "./words.js";

const dialog = one("#set-up");
const form = one("[data-form=first-code]", dialog);
const state = one("[data-state]", dialog);
const firstCode = question(dialog);
let client;
let factorId = "";
let secret = "";
let turn = 0; // what is answered late belongs to a turn that is over

export function setUps(given) {
  client = given;
  onSubmit(form, async ({ code }) => {
    const error = await firstCode.try(client.auth.verifyMfa({ code, factorId }));
    return error && ofFirstCode(error);
  });
  one("[data-again]", dialog).addEventListener("click", begin);
  one("[data-copy-key]", dialog).addEventListener("click", (event) =>
    copy(event.currentTarget, secret, one("[data-secret]", dialog)));
  dialog.addEventListener("close", forget);
}

/** Resolves to whether an authenticator was set up, once its recovery codes are saved. */
export async function setUp(why, signal) {
  const isOn = await firstCode.ask(why, signal, begin);
  if (isOn) await saveNewCodes(client);
  return isOn;
}

async function begin() {
  forget();
  const mine = turn;
  state.textContent = "Making a QR code…";
  const { data, error } = await proven(() => client.auth.enrollMfa());
  if (mine !== turn) return;
  one("[data-failed]", dialog).hidden = !error;
  state.textContent = error ? inWords(error) : "";
  if (error) return;
  ({ factorId, secret } = data);
  one("[data-qr]", dialog).src = data.qrCode;
  one("[data-open]", dialog).href = data.otpauthUrl;
  one("[data-secret]", dialog).replaceChildren(...groups(secret));
  one("[data-steps]", dialog).hidden = false;
}

/** The secret does not stay in the page. */
function forget() {
  turn += 1;
  fresh(form);
  factorId = secret = "";
  one("[data-qr]", dialog).removeAttribute("src");
  one("[data-open]", dialog).removeAttribute("href");
  one("[data-secret]", dialog).replaceChildren();
  one("[data-steps]", dialog).hidden = true;
  one("[data-failed]", dialog).hidden = true;
}

/** In fours, which one can keep in mind while typing. */
function groups(key) {
  return key.match(/.{1,4}/g).flatMap((four) => {
    const group = document.createElement("span");
    group.textContent = four;
    return [group, " "];
  });
}
