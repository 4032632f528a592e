// A form: what is missing, that it is busy, and what went wrong, in words beside the field.
import { all, one, put } from "./dom.js";

/**
 * `act(values)` does what the form is for. It answers with nothing when that is done, else with
 * `{ field?, text }`: what is wrong, and with which field.
 */
export function onSubmit(form, act) {
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    clear(form);
    const missing = all("[data-required]", form).filter((field) => !given(field));
    missing.forEach((field) => mark(field, field.dataset.required));
    if (missing.length) return missing[0].focus();
    busy = true;
    const idle = wait(form);
    try {
      const wrong = await act(Object.fromEntries(new FormData(form)));
      if (wrong) complain(form, wrong);
    } finally {
      busy = false;
      idle();
    }
  });
  all("[data-digits]", form).forEach((field) => sendWhenFull(form, field));
}

/** Forget what was typed and what was wrong with it. */
export function fresh(form) {
  form.reset();
  clear(form);
}

function given(field) {
  return field.type === "checkbox" ? field.checked : field.value.trim() !== "";
}

function complain(form, { field, text }) {
  const wrong = field && form.elements[field];
  if (!wrong) return put(one("[data-problem]", form), text);
  mark(wrong, text);
  wrong.focus();
  if (wrong.type === "text") wrong.select();
}

function mark(field, text) {
  const error = one(`#${field.id}-error`);
  put(error, text);
  field.closest(".field").classList.add("field--wrong");
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", `${error.id} ${hintOf(field)}`.trim());
}

function clear(form) {
  const problem = one("[data-problem]", form);
  if (problem) put(problem, "");
  for (const field of all("[aria-invalid]", form)) {
    put(one(`#${field.id}-error`), "");
    field.closest(".field").classList.remove("field--wrong");
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", hintOf(field));
  }
}

const hintOf = (field) => one(`#${field.id}-hint`)?.id ?? "";

/** Say so while it is busy. The button stays where the focus is. */
function wait(form) {
  const button = one("button:not([type=button])", form);
  const progress = one("[data-progress]", form);
  const label = button.textContent;
  button.setAttribute("aria-disabled", "true");
  button.textContent = button.dataset.busy ?? label;
  if (progress) progress.textContent = button.textContent;
  return () => {
    button.removeAttribute("aria-disabled");
    button.textContent = label;
    if (progress) progress.textContent = "";
  };
}

/** The last digit sends the form, once for a value: one that was refused waits for a change. */
function sendWhenFull(form, field) {
  let last = "";
  form.addEventListener("reset", () => { last = ""; });
  field.addEventListener("input", () => {
    const digits = field.value.match(/\p{Nd}/gu) ?? [];
    if (digits.length !== Number(field.dataset.digits) || field.value === last) return;
    last = field.value;
    form.requestSubmit();
  });
}
