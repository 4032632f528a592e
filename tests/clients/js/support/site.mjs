// The running server's backends and its mailbox, as tests/clients/conftest.py made them.
import { readFileSync } from "node:fs";

if (!process.env.LINGAUTH_CLIENTS) {
  throw new Error("These tests need a server: run them with `make test-clients`.");
}

/** `{ mail, provider, backends: { <ref>: { url, anon_key, service_key } } }` */
export const site = JSON.parse(readFileSync(process.env.LINGAUTH_CLIENTS, "utf8"));

/** Accounts are usable at once; a refresh token that comes back is a replay. */
export const strict = site.backends.strict;
/** The same, but a refresh token may come back for ten seconds: `refresh_reuse_grace` 10. */
export const tabs = site.backends.tabs;
/** Addresses are confirmed by mail. */
export const mailed = site.backends.mailed;
/** The same, with links that work in one step, and a minute between two mails to an address. */
export const letter = site.backends.letter;
