// Comfort on top of pages that work without it: times in the reader's zone, menus that close,
// and the question before a change as a dialog.
const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

// As short as it stays clear: today without its day, this year without its number.
const format = (options) => new Intl.DateTimeFormat("en-GB", options);
const date = format({ day: "numeric", month: "short", year: "numeric" });
const clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const today = date.format(new Date());
const dayOf = (at) => date.format(at).replace(` ${new Date().getFullYear()}`, "");
const moment = (at) => (date.format(at) === today ? clock.format(at) : `${dayOf(at)}, ${clock.format(at)}`);
each("time[datetime]", (time) => {
  const at = new Date(time.dateTime);
  time.title = time.textContent;
  time.textContent = "day" in time.dataset ? date.format(at) : moment(at);
});
each("[data-zone]", (note) => {
  note.textContent = `Times are in ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`;
});

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
  const tell = () => {
    const { date: day, time } = form.elements;
    const at = new Date(`${day.value}T${time.value || "00:00"}Z`);
    note.textContent = Number.isNaN(at.getTime()) ? "" : `That is ${moment(at)} here.`;
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
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("[data-cancel]")) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  question.querySelector("[data-cancel]").focus(); // Enter must not answer by accident
}
