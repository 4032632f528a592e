// What the app asks the backend, for whoever wants to look: the calls of this page, newest first.
import { copyOf, one } from "./dom.js";

const SHOWN = 20;

/** A `fetch` that notes down what passes. */
export async function heard(input, init) {
  const done = note(`${init?.method ?? "GET"} ${short(new URL(input, location.href))}`, who(init?.headers));
  try {
    const answer = await fetch(input, init);
    done(answer.status, answer.ok ? "" : await codeOf(answer.clone()));
    return answer;
  } catch (error) {
    done("—", "no answer");
    throw error;
  }
}

/** Without a session the key stands in its place. */
function who(given) {
  const headers = new Headers(given);
  const bearer = headers.get("Authorization");
  return bearer && bearer !== `Bearer ${headers.get("apikey")}` ? "your session" : "anon key";
}

/** Without what is the same in all, without ids, and without what was filtered for. */
function short({ pathname, searchParams }) {
  const kind = searchParams.get("grant_type");
  const path = pathname.replace(/^\/b\/[^/]+/, "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…");
  return kind ? `${path}?grant_type=${kind}` : path;
}

function note(what, who) {
  const row = copyOf("call");
  const calls = one("[data-calls]");
  one("[data-what]", row).textContent = what;
  one("[data-status]", row).textContent = "…";
  one("[data-note]", row).textContent = who;
  one("[data-none]", one("[data-behind]")).hidden = true;
  calls.prepend(row);
  while (calls.children.length > SHOWN) calls.lastElementChild.remove();
  return (status, code) => {
    const badge = one("[data-status]", row);
    badge.textContent = status;
    badge.classList.add(status < 400 ? "badge--ok" : "badge--danger");
    if (code) one("[data-note]", row).textContent = `${who}: ${code}`;
  };
}

async function codeOf(answer) {
  try {
    return (await answer.json()).code ?? "";
  } catch {
    return "";
  }
}
