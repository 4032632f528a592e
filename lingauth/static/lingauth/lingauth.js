// Comfort on top of pages that work without it: copy, print, one automatic send of a full code,
// a checkbox that opens a button, and a countdown. Everything is asked for by data attributes.
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

const voice = document.createElement("div");
voice.setAttribute("role", "status");
voice.className = "visually-hidden";
document.body.append(voice);
const say = (text) => { voice.textContent = ""; setTimeout(() => { voice.textContent = text; }, 50); };

// <button hidden data-copy="id of the text" data-done="Copied">
each("[data-copy]", (button) => {
  const source = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = source.dataset.text ?? source.innerText;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = button.dataset.done;
      say(button.dataset.done);
      setTimeout(() => { button.textContent = label; }, 2000);
    } catch {
      getSelection().selectAllChildren(source); // no permission: the text is ready for Ctrl+C
    }
  });
});

// <button hidden data-print>
each("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

// <input type="checkbox" data-opens="id of the button">
each("[data-opens]", (box) => {
  const button = document.getElementById(box.dataset.opens);
  const sync = () => { button.disabled = !box.checked; };
  box.addEventListener("change", sync);
  addEventListener("pageshow", sync);
  sync();
});

// A form is sent once, until the page is shown again.
each("form[data-once]", (form) => {
  let sent = false;
  addEventListener("pageshow", () => { sent = false; });
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
});

// <input data-autosend="Checking…">: the sixth digit sends, once for a value; a refused one waits for a change.
each("[data-autosend]", (input) => {
  let last = input.value;
  if (last) input.select();
  input.addEventListener("input", () => {
    const digits = input.value.match(/\p{Nd}/gu) ?? [];
    if (digits.length !== 6 || input.value === last) return;
    last = input.value;
    say(input.dataset.autosend);
    input.form.requestSubmit();
  });
});

// <p role="status" data-countdown="17" data-done="…"><span data-left aria-hidden="true">17</span></p>
each("[data-countdown]", (note) => {
  const until = Date.now() + 1000 * note.dataset.countdown;
  const timer = setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) { clearInterval(timer); note.textContent = note.dataset.done; return; }
    const number = note.querySelector("[data-left]");
    if (number) number.textContent = left;
  }, 1000);
});
