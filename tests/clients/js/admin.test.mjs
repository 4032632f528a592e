// What a server does with the service key: every call of the client's admin part.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { enrolled } from "./support/authenticator.mjs";
import { PASSWORD, address, anotherDevice, data, newClient, refused, signedUp } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { strict } from "./support/site.mjs";

const admin = newClient(strict, { key: strict.service_key }).admin;
const NEW = "another horse battery";

async function created(values = {}) {
  const given = { email: address(), password: PASSWORD, email_confirm: true, ...values };
  return { ...given, ...(await data(admin.createUser(given))).user };
}

test("a user is created, and signs in", async () => {
  const { id, email, user_metadata } = await created({
    user_metadata: { name: "Ann" },
    app_metadata: { plan: "free" },
  });
  assert.deepEqual(user_metadata, { name: "Ann" });
  const { user } = await data(newClient(strict).signInWithPassword({ email, password: PASSWORD }));
  assert.deepEqual([user.id, user.app_metadata.plan], [id, "free"]);
  await refused(admin.createUser({ email, password: PASSWORD }), "email_exists", 422);
});

test("users are listed by pages, newest first", async () => {
  const [first, second, third] = [await created(), await created(), await created()];
  const pages = [];
  for (let page = 1; pages.length < 20 && page; page = pages.at(-1).nextPage) {
    pages.push(await data(admin.listUsers({ page, perPage: 50 })));
  }
  const ids = pages.flatMap((page) => page.users.map((user) => user.id));
  assert.ok(ids.indexOf(third.id) < ids.indexOf(second.id));
  assert.ok(ids.indexOf(second.id) < ids.indexOf(first.id));
  const small = await data(admin.listUsers({ page: 1, perPage: 2 }));
  assert.equal(small.users.length, 2);
  assert.ok(small.total >= 3);
  assert.equal(small.nextPage, 2);
  assert.ok((await data(admin.listUsers())).users.length > 2);
});

test("one user is read, and an unknown one is not found", async () => {
  const { id, email } = await created();
  assert.equal((await data(admin.getUserById(id))).user.email, email);
  await refused(admin.getUserById(randomUUID()), "user_not_found", 404);
});

test("a user's address, password and data are set", async () => {
  const { id } = await created({ user_metadata: { name: "Ann", size: 3 } });
  const email = address();
  const values = { email, password: NEW, user_metadata: { size: null }, app_metadata: { plan: "pro" } };
  const { user } = await data(admin.updateUserById(id, { ...values, email_confirm: true }));
  assert.deepEqual([user.email, user.app_metadata.plan], [email, "pro"]);
  assert.equal(user.user_metadata.name, "Ann");
  assert.ok(!("size" in user.user_metadata));
  await data(newClient(strict).signInWithPassword({ email, password: NEW }));
});

test("a banned user is out at once, until the ban is lifted", async () => {
  const client = await signedUp(strict);
  const { id } = (await data(client.getSession())).session.user;
  const { user } = await data(admin.updateUserById(id, { ban_duration: "24h" }));
  assert.ok(new Date(user.banned_until) > Date.now());
  assert.equal((await client.getUser()).error.name, "AuthSessionMissingError");
  assert.ok(client.events.includes("SIGNED_OUT"));
  const again = { email: client.address, password: PASSWORD };
  await refused(newClient(strict).signInWithPassword(again), "user_banned", 400);
  await data(admin.updateUserById(id, { ban_duration: "none" }));
  await data(newClient(strict).signInWithPassword(again));
});

test("a deleted user is gone, and the address is free", async () => {
  const client = await signedUp(strict);
  const { id } = (await data(client.getSession())).session.user;
  await data(admin.deleteUser(id));
  await refused(admin.getUserById(id), "user_not_found", 404);
  assert.ok((await client.getUser()).error);
  await created({ email: client.address });
});

test("a softly deleted user is kept without their address", async () => {
  const { id, email } = await created();
  await data(admin.deleteUser(id, true));
  const { data: kept } = await admin.getUserById(id);
  if (kept.user) assert.notEqual(kept.user.email, email);
  const again = newClient(strict).signInWithPassword({ email, password: PASSWORD });
  await refused(again, "invalid_credentials");
  await created({ email });
});

test("a removed factor takes its sessions down to aal1 at once", async () => {
  const client = await signedUp(strict);
  const { factor } = await enrolled(client);
  const { id: userId } = (await data(client.getSession())).session.user;
  const { factors } = await data(admin.mfa.listFactors({ userId }));
  assert.deepEqual(factors.map((f) => [f.id, f.status]), [[factor.id, "verified"]]);
  const removed = await data(admin.mfa.deleteFactor({ userId, id: factor.id }));
  assert.equal(removed.data.id, factor.id, "the client wraps its answer once more than it says");
  assert.deepEqual((await data(admin.mfa.listFactors({ userId }))).factors, []);
  await data(client.refreshSession());
  const level = await data(client.mfa.getAuthenticatorAssuranceLevel());
  assert.deepEqual([level.currentLevel, level.nextLevel], ["aal1", "aal1"]);
});

test("somebody's sessions are ended with their token", async () => {
  const client = await signedUp(strict);
  const other = await anotherDevice(strict, client);
  const { access_token } = (await data(client.getSession())).session;
  assert.equal((await admin.signOut(access_token, "others")).error, null);
  assert.ok((await other.getUser()).error);
  await data(client.getUser());
  assert.equal((await admin.signOut(access_token)).error, null);
  assert.equal((await client.getUser()).error.name, "AuthSessionMissingError");
  assert.match((await admin.signOut("garbage")).error.message, /^invalid JWT/);
});

test("neither the anon key nor a user may do any of it", async () => {
  const client = await signedUp(strict);
  const { session } = await data(client.getSession());
  for (const key of [strict.anon_key, session.access_token]) {
    const headers = { apikey: strict.anon_key, Authorization: `Bearer ${key}` };
    const { error } = await newClient(strict, { headers }).admin.listUsers();
    assert.ok(["not_admin", "no_authorization"].includes(error.code), error.code);
  }
});

test("a browser that presents the service key is turned away", async () => {
  const headers = {
    apikey: strict.service_key,
    Authorization: `Bearer ${strict.service_key}`,
    Origin: "https://app.example.com",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
  };
  const { error } = await newClient(strict, { headers }).admin.listUsers();
  assert.ok([401, 403].includes(error?.status), `${error?.status}`);
});
