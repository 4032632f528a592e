// Enable two-factor: the QR code, the key, the first code; then the recovery codes, once.
import { all, one } from "./dom.js";
import { copy } from "./copy.js";
import { fresh, onSubmit } from "./form.js";
import { saveNewCodes } from "./codes.js";
import { proven } from "./proven.js";
import { inWords, ofFirstCode } from "./words.js";

const dialog = one("#set-up");
const form = one("[data-form=first-code]", dialog);
const state = one("[data-state]", dialog);
let client;
let open = null;
let factorId = "";
let secret = "";

export function setUps(given) {
  client = given;
  onSubmit(form, async ({ code }) => {
    const { error } = await client.auth.verifyMfa({ code, factorId });
    if (error) return ofFirstCode(error);
    dialog.close("done");
    await saveNewCodes(client);
  });
  all("[data-cancel]", dialog).forEach((button) => button.addEventListener("click", () => dialog.close()));
  one("[data-again]", dialog).addEventListener("click", begin);
  one("[data-copy-key]", dialog).addEventListener("click", (event) =>
    copy(event.currentTarget, secret, one("[data-secret]", dialog)));
}

/** Resolves to true once an authenticator was set up, to false when it is put off. */
export function setUp(why) {
  open ??= new Promise((resolve) => {
    one("[data-why]", dialog).textContent = why;
    dialog.returnValue = "";
    dialog.showModal();
    begin();
    dialog.addEventListener("close", () => {
      open = null;
      forget();
      resolve(dialog.returnValue === "done");
    }, { once: true });
  });
  return open;
}

async function begin() {
  forget();
  state.textContent = "Making a QR code…";
  const { data, error } = await proven(() => client.auth.enrollMfa());
  if (!dialog.open) return;
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
