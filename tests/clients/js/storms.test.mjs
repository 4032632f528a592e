// Tabs of one browser that refresh at the same moment, and answers that are lost on the way.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { Storage, data, newClient, signedUp } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { strict, tabs } from "./support/site.mjs";

const TABS = 8;

/** A fetch that loses the first `times` answers to a refresh, after the server has given them. */
function losing(times) {
  let lost = 0;
  const fetch = async (url, options) => {
    const answer = await globalThis.fetch(url, options);
    if (lost >= times || !String(url).includes("grant_type=refresh_token")) return answer;
    await answer.arrayBuffer();
    lost += 1;
    throw new TypeError("fetch failed");
  };
  return Object.assign(fetch, { lost: () => lost });
}

/**
 * A fetch that says with each refresh which try it belongs to, for all tabs of this device the
 * same: the server then gives the same answer again, to this device and to no other.
 */
function retrying(device, fetch) {
  return (url, options) => {
    if (!String(url).includes("grant_type=refresh_token")) return fetch(url, options);
    const { refresh_token: token } = JSON.parse(options.body);
    const key = createHash("sha256").update(device + token).digest("hex");
    const headers = new Headers(options.headers);
    headers.set("Idempotency-Key", `"${key}"`);
    return fetch(url, { ...options, headers });
  };
}

/** Eight tabs of one browser, with one storage, and somebody signed in. */
async function browser(backend, fetchOf) {
  const storage = new Storage();
  const first = await signedUp(backend, { storage });
  const open = () => newClient(backend, { storage, fetch: fetchOf() });
  return { first, storage, tabs: Array.from({ length: TABS }, open) };
}

/** All tabs refresh at once. A result is null, or the name of the error. */
async function storm(tabs) {
  const answers = await Promise.all(tabs.map((tab) => tab.refreshSession()));
  return answers.map(({ error }) => error && (error.code ?? error.name));
}

/** Nobody was signed out: a tab that lost the race takes the session another tab has stored. */
async function assertAllAreSignedIn(tabs, storage) {
  const stored = JSON.parse(storage.getItem("session"));
  for (const tab of tabs) {
    const { session } = await data(tab.getSession());
    assert.equal(session.refresh_token, stored.refresh_token);
    await data(tab.getUser());
    assert.ok(!tab.events.includes("SIGNED_OUT"));
  }
  await data(tabs[0].refreshSession());
}

const HARMLESS = [null, "AuthRefreshDiscardedError", "refresh_discarded"];

test("eight tabs with one storage all stay signed in [grace 10]", async () => {
  const { storage, tabs: open } = await browser(tabs, () => globalThis.fetch);
  const results = await storm(open);
  assert.ok(results.every((result) => HARMLESS.includes(result)), results.join());
  assert.ok(results.includes(null));
  await assertAllAreSignedIn(open, storage);
});

test("eight tabs that lose two answers in a row all stay signed in [grace 10]", async () => {
  const lossy = [];
  const { storage, tabs: open } = await browser(tabs, () => {
    lossy.push(losing(2));
    return lossy.at(-1);
  });
  const results = await storm(open);
  assert.deepEqual(lossy.map((fetch) => fetch.lost()), Array(TABS).fill(2));
  assert.ok(results.every((result) => HARMLESS.includes(result)), results.join());
  await assertAllAreSignedIn(open, storage);
});

test("storm after storm, the family lives on [grace 10]", async () => {
  const { storage, tabs: open } = await browser(tabs, () => globalThis.fetch);
  for (let round = 0; round < 4; round++) {
    const results = await storm(open);
    assert.ok(results.every((result) => HARMLESS.includes(result)), results.join());
  }
  await assertAllAreSignedIn(open, storage);
});

test("a lost answer is a replay when it is asked for again, and ends the session [grace 0]", async () => {
  const fetch = losing(1);
  const client = await signedUp(strict, { fetch });
  const { error } = await client.refreshSession();
  assert.equal(error.code, "refresh_token_already_used");
  await assertSignedOut(client);
});

test("of eight tabs at once one is served and the family ends [grace 0]", async () => {
  const { tabs: open } = await browser(strict, () => globalThis.fetch);
  const results = await storm(open);
  const served = results.filter((result) => HARMLESS.includes(result));
  const refused = results.filter((result) => !HARMLESS.includes(result));
  assert.ok(served.length <= 1, results.join());
  const replayed = ["refresh_token_already_used", "refresh_token_not_found"];
  assert.ok(refused.every((code) => replayed.includes(code)), results.join());
  await assertSignedOut(open[0]);
});

test("tabs that name their tries all stay signed in, whatever is lost [grace 0]", async () => {
  const device = randomUUID();
  const lossy = [];
  const { storage, tabs: open } = await browser(strict, () => {
    lossy.push(losing(2));
    return retrying(device, lossy.at(-1));
  });
  const results = await storm(open);
  assert.deepEqual(lossy.map((fetch) => fetch.lost()), Array(TABS).fill(2));
  assert.ok(results.every((result) => HARMLESS.includes(result)), results.join());
  await assertAllAreSignedIn(open, storage);
});

test("a token that was used long before ends the session, whatever the grace [grace 10]", async () => {
  const client = await signedUp(tabs);
  const { refresh_token } = (await data(client.getSession())).session;
  await data(client.refreshSession());
  await data(client.refreshSession());
  const { error } = await newClient(tabs).refreshSession({ refresh_token });
  assert.equal(error.code, "refresh_token_already_used");
  await assertSignedOut(client);
});

/** The server has ended the session, and the client finds out at its next call. */
async function assertSignedOut(client) {
  const { error } = await client.getUser();
  assert.equal(error.name, "AuthSessionMissingError");
  assert.ok(client.events.includes("SIGNED_OUT"));
  assert.equal((await data(client.getSession())).session, null);
}
