import { act, type ReactNode } from "react";
import { createRoot } from "react-dom/client";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

/** A page with a React root in it. `text()` is what the page says now. */
export async function render(children: ReactNode) {
  const place = document.createElement("div");
  const root = createRoot(place);
  const show = (next: ReactNode) => act(async () => root.render(next));
  await show(children);
  return { text: () => place.textContent, show, leave: () => act(async () => root.unmount()) };
}
