// The SDK, for this backend. Its address and its public key are in the page.
import { createClient } from "./lingauth.js";
import { heard } from "./behind.js";
import { one } from "./dom.js";

const { url, anonKey } = one("script[data-anon-key]").dataset;
const backend = new URL(url, location.href).href;

/** The person's own client. `answers`: what the app does when a code is asked for, or a session ends. */
export const connect = (answers) => createClient(backend, anonKey, { ...answers, fetch: heard });

/** A client that is never signed in: for what anybody may read, whatever becomes of the session. */
export const visitor = createClient(backend, anonKey, {
  storageKey: "lingauth-demo-visitor",
  fetch: heard,
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
});
