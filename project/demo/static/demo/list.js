// A list, and the line above it that says what is the matter: loading, empty, failed.
import { button, one } from "./dom.js";

export function listIn(place) {
  const state = one("[data-state]", place);
  const list = one("[data-list]", place);
  return {
    /** What is there stays to be read meanwhile. */
    loading: () => { if (list.hidden) state.textContent = "Loading…"; },

    rows(rows, empty = "") {
      list.replaceChildren(...rows);
      this.settle(empty);
    },

    add(row) {
      list.prepend(row);
      this.settle();
    },

    /** After a row came or went. */
    settle(empty = "") {
      list.hidden = list.children.length === 0;
      state.textContent = list.hidden ? empty : "";
    },

    /** `keep`: what was there is still true. */
    failed(text, label, again, { keep = true } = {}) {
      if (!keep) { list.replaceChildren(); list.hidden = true; }
      const retry = button(label, () => { retry.setAttribute("aria-disabled", "true"); again(); });
      state.replaceChildren(text, retry);
    },

    empty() {
      list.replaceChildren();
      this.settle();
    },
  };
}
