// Comfort on top of pages that work without it: times in the reader's zone, menus that close,
// and the question before a change as a dialog.
const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

const full = new Intl.DateTimeFormat(document.documentElement.lang || "en", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
  hourCycle: "h23", timeZoneName: "short",
});
const localise = (root) => each("time[datetime]", (time) => {
  if (!time.title) time.title = time.textContent;
  time.textContent = full.format(new Date(time.dateTime));
}, root);
localise(document);

// A menu closes on Escape and on a click elsewhere.
addEventListener("click", (event) => {
  each("details.menu[open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  each("details.menu[open]", (menu) => {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  });
});

// The start is entered in UTC; say what that is here.
each("[data-local-start]", (note) => {
  const form = note.closest("form");
  const { date, time } = form.elements;
  const tell = () => {
    const at = new Date(`${date.value}T${time.value || "00:00"}Z`);
    note.textContent = Number.isNaN(at.getTime()) ? "" : `That is ${full.format(at)} here.`;
  };
  form.addEventListener("input", tell);
  tell();
});

// The review page, shown over the form it belongs to. Whatever is not a question is followed.
each("form[data-review]", (form) => form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const question = page.getElementById("review");
    if (!answer.ok || answer.redirected || !question) throw new Error("not a question");
    ask(document.adoptNode(question), answer.url);
  } catch {
    location.assign(address);
  }
}));

function ask(question, address) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "review-title");
  question.action = address;
  dialog.append(question);
  localise(dialog);
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("[data-cancel]")) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
