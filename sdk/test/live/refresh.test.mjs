// Refreshes that meet: many tabs, answers that are lost on the way, and a thief.
import assert from "node:assert/strict";
import { test } from "node:test";
import { site } from "../../../tests/clients/js/support/site.mjs";
import { Storage, count, data, newClient, signedUp } from "./support/client.mjs";

// A refresh token that comes back is a replay here: `refresh_reuse_grace` is 0.
const { strict } = site.backends;
const TABS = 8;
const REFRESH = "grant_type=refresh_token";

/** A fetch that loses the first answers to a refresh, after the server has given them. */
function losing(times) {
  return async (input, init) => {
    const answer = await globalThis.fetch(input, init);
    if (!String(input).includes(REFRESH) || times-- <= 0) return answer;
    await answer.arrayBuffer();
    throw new TypeError("fetch failed");
  };
}

/** Somebody signed in, and eight tabs with the one storage; the access token has run out. */
async function asleep(fetchOf = () => globalThis.fetch) {
  const storage = new Storage();
  const first = await signedUp(strict, { storage });
  const [key, stored] = [...storage.items].find(([, value]) => value.includes("refresh_token"));
  storage.setItem(key, JSON.stringify({ ...JSON.parse(stored), expires_at: 1 }));
  const open = () => newClient(strict, { storage, fetch: fetchOf() });
  return { first, storage, tabs: Array.from({ length: TABS }, open) };
}

/** Everybody is signed in, in the one session there is, and its tokens go on. */
async function assertOneFamily(tabs) {
  for (const tab of tabs) assert.equal((await data(tab.from("notes").select())).length, 0);
  assert.equal((await data(tabs[0].auth.listSessions())).sessions.length, 1);
  for (const tab of tabs) await data(tab.auth.refreshSession());
}

test("eight tabs that wake at once stay signed in, in one family", async () => {
  const { tabs } = await asleep();
  const answers = await Promise.all(tabs.map((tab) => tab.from("notes").select()));
  assert.deepEqual(answers.map(({ error }) => error), Array(TABS).fill(null));
  assert.ok(tabs.reduce((sum, tab) => sum + count(tab, "POST /auth/v1/token"), 0) >= 1);
  await assertOneFamily(tabs);
});

test("and also when each loses two answers on the way", async () => {
  const { tabs } = await asleep(() => losing(2));
  const answers = await Promise.all(tabs.map((tab) => tab.from("notes").select()));
  assert.deepEqual(answers.map(({ error }) => error), Array(TABS).fill(null));
  await assertOneFamily(tabs);
});

test("the answer of a refresh is lost three times in a row, and nobody is signed out", async () => {
  const ended = [];
  const client = await signedUp(strict, {
    fetch: losing(3),
    onSessionEnded: (why) => ended.push(why),
  });
  const before = (await data(client.auth.getSession())).session.refresh_token;
  const { session } = await data(client.auth.refreshSession());
  assert.notEqual(session.refresh_token, before);
  await data(client.from("notes").select());
  await data(client.auth.refreshSession());
  assert.deepEqual(ended, []);
});

/** What somebody does who has the token alone. */
async function steal(token) {
  const answer = await fetch(`${strict.url}/auth/v1/token?${REFRESH}`, {
    method: "POST",
    headers: { apikey: strict.anon_key, "content-type": "application/json" },
    body: JSON.stringify({ refresh_token: token }),
  });
  return { status: answer.status, ...(await answer.json()) };
}

async function assertDead(token) {
  const headers = { apikey: strict.anon_key, authorization: `Bearer ${token}` };
  assert.equal((await fetch(`${strict.url}/rest/v1/notes`, { headers })).status, 401);
}

/** A client whose app notes why its session ended, and when it has heard. */
async function listening() {
  let heard;
  const why = new Promise((resolve) => (heard = resolve));
  const client = await signedUp(strict, { onSessionEnded: heard });
  return { client, why, session: (await data(client.auth.getSession())).session };
}

test("a thief who refreshes first loses the session at the owner's next refresh, who is told", async () => {
  const { client, why, session } = await listening();
  const stolen = await steal(session.refresh_token);
  assert.equal(stolen.status, 200);
  const { error } = await client.auth.refreshSession();
  assert.equal(error.code, "refresh_token_already_used");
  assert.equal((await why).reason, "replayed");
  assert.equal((await data(client.auth.getSession())).session, null);
  await assertDead(stolen.access_token);
  await assertDead(session.access_token);
  assert.equal((await steal(stolen.refresh_token)).status, 400);
});

test("a thief who comes second ends the session, and the owner hears it at the next call", async () => {
  const { client, why, session } = await listening();
  const { session: mine } = await data(client.auth.refreshSession());
  assert.equal((await steal(session.refresh_token)).code, "refresh_token_already_used");
  await assertDead(mine.access_token);
  assert.ok((await client.from("notes").select()).error);
  assert.equal((await why).reason, "ended");
});
