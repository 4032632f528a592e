// One sentence above everything: why the session ended, and whether the network is there.
import { one } from "./dom.js";

const banner = one("[data-banner]");

export function tell(text, kind = "warn") {
  banner.className = `banner banner--${kind} demo-banner`;
  banner.hidden = false;
  banner.setAttribute("role", "alert");
  one("[data-words]", banner).textContent = text;
}

export function hush() {
  banner.hidden = true;
}

/** `back()` is called when the network returns. */
export function watchNetwork(back) {
  const offline = one("[data-offline]");
  const look = () => { offline.hidden = navigator.onLine; };
  addEventListener("offline", look);
  addEventListener("online", () => { look(); back(); });
  one("[data-close]", banner).addEventListener("click", hush);
  look();
}
