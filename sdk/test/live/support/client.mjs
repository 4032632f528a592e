// Clients as apps make them, from an address of their own each, because the server counts by address.
import { randomInt } from "node:crypto";
import { after } from "node:test";
import { PASSWORD, Storage, address, data } from "../../../../tests/clients/js/support/client.mjs";
import { createClient } from "./sdk.mjs";

export { Storage, data };

/**
 * A client whose `calls` hold what was sent and what came of it: "GET /rest/v1/notes 200". `fetch`
 * sends in its place.
 */
export function newClient(backend, { fetch = globalThis.fetch, ...options } = {}) {
  const from = [10, randomInt(256), randomInt(256), randomInt(1, 255)].join(".");
  const calls = [];
  const recorded = async (input, init = {}) => {
    const { pathname, search } = new URL(input);
    const headers = new Headers(init.headers);
    headers.set("X-Forwarded-For", from);
    const answer = await fetch(input, { ...init, headers });
    calls.push(`${init.method ?? "GET"} ${pathname.replace(/^\/b\/[^/]+/, "")}${search} ${answer.status}`);
    return answer;
  };
  const client = createClient(backend.url, backend.anon_key, {
    storage: new Storage(),
    fetch: recorded,
    ...options,
    auth: { autoRefreshToken: false, ...options.auth },
  });
  after(() => client.dispose());
  return Object.assign(client, { calls });
}

/** How many of the calls begin with that. */
export function count(client, call) {
  return client.calls.filter((made) => made.startsWith(call)).length;
}

/** A client with a new account that has signed in by signing up. */
export async function signedUp(backend, options) {
  const client = newClient(backend, options);
  client.address = address();
  await data(client.auth.signUp({ email: client.address, password: PASSWORD }));
  return client;
}

/** Another visit of the same person, signed in by password. */
export async function anotherVisit(backend, { address }, options) {
  const client = newClient(backend, options);
  await data(client.auth.signInWithPassword({ email: address, password: PASSWORD }));
  return Object.assign(client, { address });
}
