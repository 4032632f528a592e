// New recovery codes, shown once.
import { copy } from "./copy.js";
import { goOn, one } from "./dom.js";
import { fresh, onSubmit } from "./form.js";

const dialog = one("#codes");
const list = one("[data-list]", dialog);
const form = one("[data-form=saved]", dialog);
const download = one("[data-download]", dialog);

onSubmit(form, () => dialog.close());
one("[data-copy-codes]", dialog).addEventListener("click", (event) => copy(event.currentTarget, text(), list));
// Escape would lose the only copy.
dialog.addEventListener("cancel", (event) => event.preventDefault());

/** For somebody who has none. Says nothing if that fails: the page says that there are none yet. */
export async function saveNewCodes(client) {
  const { data: status } = await client.auth.recoveryCodes.status();
  if (status) return;
  const { data } = await client.auth.recoveryCodes.generate();
  if (data) await showCodes(data.codes);
}

/** Resolves when the person says that they are saved. */
export function showCodes(codes) {
  list.replaceChildren(...codes.map(row));
  const file = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
  download.href = file;
  fresh(form);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      URL.revokeObjectURL(file);
      download.removeAttribute("href");
      list.replaceChildren();
      goOn();
      resolve();
    }, { once: true });
  });
}

/** In capitals and in fours: no letter looks like a digit then. */
function row(code) {
  const item = document.createElement("li");
  const shown = document.createElement("code");
  shown.textContent = code.replace(/-/g, "").toUpperCase().match(/.{1,4}/g).join("-");
  item.append(shown);
  return item;
}

const text = () =>
  `Recovery codes for Notes. Each works once.\n\n${[...list.children].map((item) => item.textContent).join("\n")}\n`;
