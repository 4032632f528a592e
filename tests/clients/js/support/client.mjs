// Clients as apps make them. Nothing of the client is replaced but what it lets apps replace:
// its storage and its fetch.
import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { AuthClient } from "@supabase/auth-js";

export const PASSWORD = "correct horse battery";

export const address = () => `${randomUUID()}@example.com`;

/** A storage that several clients may share, as the tabs of a browser do. */
export class Storage {
  items = new Map();
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => void this.items.set(key, value);
  removeItem = (key) => void this.items.delete(key);
}

/** A fetch that remembers what was asked: `calls` holds "GET /user" and the like. */
export function recording(fetch = globalThis.fetch) {
  const calls = [];
  const recorded = (url, options = {}) => {
    const { pathname, search } = new URL(url);
    calls.push(`${options.method ?? "GET"} ${pathname.split("/auth/v1")[1]}${search}`);
    return fetch(url, options);
  };
  return Object.assign(recorded, { calls });
}

/**
 * A client of a backend with the headers that supabase-js gives it. Each comes from an address of
 * its own, because the server counts guesses and mails by address. `events` tells what it emitted.
 */
export function newClient(backend, { key = backend.anon_key, ...options } = {}) {
  const from = [10, randomInt(256), randomInt(256), randomInt(1, 255)].join(".");
  const client = new AuthClient({
    url: `${backend.url}/auth/v1`,
    headers: { apikey: key, Authorization: `Bearer ${key}`, "X-Forwarded-For": from },
    storage: new Storage(),
    storageKey: "session",
    autoRefreshToken: false,
    experimental: { recoveryCodes: true },
    ...options,
  });
  client.events = [];
  client.onAuthStateChange((event) => client.events.push(event));
  return client;
}

/** What the call answered. Fails with the error it had instead. */
export async function data(call) {
  const answer = await call;
  if (answer.error) throw answer.error;
  return answer.data;
}

/** The call must have been refused with that code, and in that status if one is named. */
export async function refused(call, code, status) {
  const { error } = await call;
  assert.ok(error, `it was accepted, and not refused with ${code}`);
  assert.equal(error.code, code, error.message);
  if (status) assert.equal(error.status, status);
  return error;
}

/** A client with a new account that has signed in by signing up. */
export async function signedUp(backend, options) {
  const client = newClient(backend, options);
  client.address = address();
  await data(client.signUp({ email: client.address, password: PASSWORD }));
  return client;
}

/** Another device of the same person, signed in by password. */
export async function anotherDevice(backend, client, options) {
  const other = newClient(backend, options);
  other.address = client.address;
  await data(other.signInWithPassword({ email: client.address, password: PASSWORD }));
  return other;
}
