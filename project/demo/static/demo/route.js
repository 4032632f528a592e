// Two views, named by the fragment of the address.
import { all, one } from "./dom.js";

/** `onShow(name)` is called whenever a view comes up. Answers a function that looks again. */
export function routes(isSignedIn, onShow) {
  function look({ moved = true } = {}) {
    const name = location.hash === "#security" && isSignedIn() ? "security" : "notes";
    const view = one(`[data-view=${name}]`);
    const is = view.hidden === false;
    all("[data-view]").forEach((other) => { other.hidden = other !== view; });
    all("nav a").forEach((link) => {
      if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
    document.title = `${one("h1", view).textContent} · LingAuth demo`;
    if (moved && !is) { one("h1", view).focus({ preventScroll: true }); scrollTo(0, 0); }
    onShow(name);
  }
  addEventListener("hashchange", () => look());
  return look;
}
