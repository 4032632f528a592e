// Servers that render, each request with a client of its own: sessions in cookies.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { PASSWORD, address, data, refused } from "../../../tests/clients/js/support/client.mjs";
import { site } from "../../../tests/clients/js/support/site.mjs";
import { createServerClient, requireSession } from "./support/server.mjs";

// A refresh token that comes back is a replay here: `refresh_reuse_grace` is 0.
const { strict } = site.backends;
const PAGES = { here: "/notes", signIn: "/sign-in", stepUp: "/verify" };

/** A browser's cookies. `copy()` has those that requests of the same moment carry. */
function browser(held = []) {
  const jar = new Map(held);
  const from = [10, randomInt(256), randomInt(256), randomInt(1, 255)].join(".");
  const fetch = (input, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("X-Forwarded-For", from);
    return globalThis.fetch(input, { ...init, headers });
  };
  const get = (name) => jar.get(name);
  const set = (name, value, { maxAge }) => void (maxAge ? jar.set(name, value) : jar.delete(name));
  const request = (cookies = { get, set }) =>
    createServerClient(strict.url, strict.anon_key, { cookies, fetch });
  return { request, readOnly: { get }, copy: () => browser(jar) };
}

async function signedUp() {
  const visitor = browser();
  await data(visitor.request().auth.signUp({ email: address(), password: PASSWORD }));
  return visitor;
}

async function refreshed(client) {
  const { session } = await data(client.auth.refreshSession());
  return session.refresh_token;
}

test("the next request is signed in, by claims that were verified", async () => {
  const { request } = await signedUp();
  const { claims, location } = await requireSession(request(), PAGES);
  assert.equal(location, null);
  assert.equal(claims.aal, "aal1");
  const asked = await requireSession(request(), { ...PAGES, level: "aal2" });
  assert.equal(asked.location, "/verify?next=%2Fnotes");
});

test("a visitor is sent to sign in", async () => {
  const { location } = await requireSession(browser().request(), PAGES);
  assert.equal(location, "/sign-in?next=%2Fnotes");
});

test("requests that refresh side by side are one device", async () => {
  const visitor = await signedUp();
  const apart = Array.from({ length: 5 }, () => visitor.copy().request());
  const tokens = await Promise.all(apart.map(refreshed));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(await refreshed(visitor.request()), tokens[0]);
  await data(visitor.request().auth.getUser());
});

test("what a page refreshes while it is rendered is not lost, though it can set no cookie", async () => {
  const { request, readOnly } = await signedUp();
  const first = await refreshed(request(readOnly));
  assert.equal(await refreshed(request(readOnly)), first);
  assert.equal(await refreshed(request()), first);
});

test("a stolen refresh token without the device's secret ends the session", async () => {
  const visitor = await signedUp();
  const { session } = await data(visitor.request().auth.getSession());
  await refreshed(visitor.request());
  await refused(browser().request().auth.refreshSession(session), "refresh_token_already_used");
  const { claims } = await requireSession(visitor.request(), PAGES);
  assert.ok(claims, "its token is still good to look at");
  const { error } = await visitor.request().auth.getUser();
  assert.equal(error.name, "AuthSessionMissingError");
  assert.equal((await requireSession(visitor.request(), PAGES)).location, "/sign-in?next=%2Fnotes");
});
