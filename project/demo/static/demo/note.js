// One note, drawn.
import { copyOf, moment, one } from "./dom.js";

/** `mine`: say whose it is, where others' stand beside it. */
export function draw(note, { mine = false } = {}) {
  const row = copyOf("note");
  one("[data-title]", row).textContent = note.title;
  one("[data-body]", row).textContent = note.body;
  const when = one("[data-when]", row);
  when.dateTime = note.created_at;
  when.textContent = moment(note.created_at);
  one("[data-mine]", row).hidden = !mine;
  return row;
}
