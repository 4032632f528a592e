// Sign-up, sign-in and the signed-in user, with an address and a password.
import assert from "node:assert/strict";
import { AuthWeakPasswordError } from "@supabase/auth-js";
import { PASSWORD, Storage, address, anotherDevice, data, newClient, refused, signedUp } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { mailed, strict } from "./support/site.mjs";

test("signing up where addresses need no confirmation gives a session", async () => {
  const client = newClient(strict);
  const email = address();
  const credentials = { email, password: PASSWORD, options: { data: { team: "red" } } };
  const { user, session } = await data(client.signUp(credentials));
  assert.equal(user.email, email);
  assert.equal(user.user_metadata.team, "red");
  assert.equal(session.token_type, "bearer");
  assert.equal(session.expires_in, 300);
  assert.equal(user.identities[0].provider, "email");
  assert.equal(user.identities[0].id, user.id);
  assert.ok(client.events.includes("SIGNED_IN"));
});

test("signing in again, and staying signed in over a restart of the app", async () => {
  const storage = new Storage();
  const device = await anotherDevice(strict, await signedUp(strict), { storage });
  const restarted = newClient(strict, { storage });
  const { session } = await data(restarted.getSession());
  assert.equal(session.user.email, device.address);
  assert.equal((await data(restarted.getUser())).user.email, device.address);
});

test("a session is handed to another client", async () => {
  const { session } = await data((await signedUp(strict)).getSession());
  const other = newClient(strict);
  const { user } = await data(other.setSession(session));
  assert.equal(user.id, session.user.id);
  await data(other.refreshSession());
  assert.ok(other.events.includes("TOKEN_REFRESHED"));
});

test("a wrong password and an unknown address are refused alike", async () => {
  const { address: email } = await signedUp(strict);
  const wrong = newClient(strict).signInWithPassword({ email, password: "not this one" });
  const unknown = newClient(strict).signInWithPassword({ email: address(), password: PASSWORD });
  const errors = [
    await refused(wrong, "invalid_credentials", 400),
    await refused(unknown, "invalid_credentials", 400),
  ];
  assert.equal(errors[0].message, errors[1].message);
});

test("a weak password is told with its reasons", async () => {
  const { error } = await newClient(strict).signUp({ email: address(), password: "short" });
  assert.ok(error instanceof AuthWeakPasswordError);
  assert.ok(error.reasons.includes("length"), error.reasons.join());
});

test("the user's own data is changed, and a null takes a key away", async () => {
  const client = await signedUp(strict);
  await data(client.updateUser({ data: { colour: "blue", size: 3 } }));
  const { user } = await data(client.updateUser({ data: { size: null } }));
  assert.equal(user.user_metadata.colour, "blue");
  assert.ok(!("size" in user.user_metadata));
  assert.ok(client.events.includes("USER_UPDATED"));
});

test("a new password signs the other devices out and this one not", async () => {
  const client = await signedUp(strict);
  const other = await anotherDevice(strict, client);
  await refused(client.updateUser({ password: PASSWORD }), "same_password", 422);
  await data(client.updateUser({ password: "another horse battery" }));
  await data(client.getUser());
  assert.equal((await other.getUser()).error.name, "AuthSessionMissingError");
  assert.ok(other.events.includes("SIGNED_OUT"));
  const again = { email: client.address, password: "another horse battery" };
  await data(newClient(strict).signInWithPassword(again));
});

test("an unconfirmed address cannot sign in where addresses are confirmed by mail", async () => {
  const client = newClient(mailed);
  const email = address();
  const { session } = await data(client.signUp({ email, password: PASSWORD }));
  assert.equal(session, null);
  await refused(client.signInWithPassword({ email, password: PASSWORD }), "email_not_confirmed", 400);
});
