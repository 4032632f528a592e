// What a person's browser does with a mailed link, and with the app's page that it ends at.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { newClient } from "./client.mjs";

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'", "#39": "'" };
const plain = (text) => text.replace(/&(#?\w+);/g, (whole, name) => ENTITIES[name] ?? whole);

/** A browser without history. It keeps cookies, and goes where it is sent on this machine. */
export class Browser {
  #cookies = new Map();

  async open(url, options = {}) {
    for (let hop = 0; hop < 10; hop++) {
      const headers = { ...options.headers, cookie: this.#cookie() };
      const answer = await fetch(url, { ...options, headers, redirect: "manual" });
      for (const line of answer.headers.getSetCookie()) this.#keep(line);
      const next = answer.headers.get("location");
      if (!next) return { url, status: answer.status, page: await answer.text() };
      url = new URL(next, url).href;
      if (new URL(url).hostname !== "127.0.0.1") return { url, status: answer.status, page: "" };
      options = {};
    }
    throw new Error(`Redirected without end, last to ${url}`);
  }

  /** Press the button of the page's own form. */
  async press({ url, page }) {
    const form = page.match(/<main.*?(<form[^>]*method="post".*?<\/form>)/s)?.[1];
    assert.ok(form, `no form on the page at ${url}:\n${page}`);
    const action = plain(form.match(/<form[^>]*\saction="([^"]*)"/)?.[1] ?? "") || url;
    const fields = new URLSearchParams();
    for (const [tag] of form.matchAll(/<(?:input|button)\b[^>]*>/g)) {
      const name = tag.match(/\sname="([^"]*)"/)?.[1];
      if (name) fields.append(name, plain(tag.match(/\svalue="([^"]*)"/)?.[1] ?? ""));
    }
    const headers = { origin: new URL(url).origin, referer: url };
    return this.open(new URL(action, url).href, { method: "POST", body: fields, headers });
  }

  #cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #keep(line) {
    const [pair, ...attributes] = line.split(";");
    const [name, value] = pair.split(/=(.*)/s);
    if (attributes.some((a) => /max-age=0/i.test(a)) || !value) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

/** Open a mailed link. The page that it shows, and the browser that shows it. */
export async function opened(link) {
  const browser = new Browser();
  return { browser, shown: await browser.open(link) };
}

/** Open a mailed link and press the button. The address that the browser is sent to. */
export async function followed(link) {
  const { browser, shown } = await opened(link);
  assert.equal(shown.status, 200, shown.page);
  return (await browser.press(shown)).url;
}

/** What the address tells the app, from its query and its fragment. */
export function told(url) {
  const { searchParams, hash } = new URL(url);
  return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))]);
}

/**
 * Start the app at an address, as a page load does: the client finds by itself what is in the
 * address. Answers it with `error`, and `left`, the address after it has cleaned up.
 */
export async function appAt(url, backend, options) {
  const location = { href: url, assign: (next) => void (location.href = next) };
  Object.defineProperty(location, "hash", {
    get: () => new URL(location.href).hash,
    set: (hash) => void (location.href = location.href.split("#")[0] + (hash && `#${hash}`)),
  });
  const history = { replaceState: (_state, _title, next) => void (location.href = String(next)) };
  const { BroadcastChannel } = globalThis; // it would keep the process alive
  Object.assign(globalThis, { window: { location, history }, document: {} });
  globalThis.BroadcastChannel = undefined;
  try {
    const client = newClient(backend, options);
    const { error } = await client.initialize();
    await sleep(20); // it tells of the session a moment later
    return { client, error, left: location.href };
  } finally {
    delete globalThis.window;
    delete globalThis.document;
    globalThis.BroadcastChannel = BroadcastChannel;
  }
}
