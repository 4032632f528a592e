// The guide's story, from the switch to the second visit, with its own snippets.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { Authenticator } from "../../../tests/clients/js/support/authenticator.mjs";
import { site } from "../../../tests/clients/js/support/site.mjs";
import { anotherVisit, data, newClient, signedUp } from "./support/client.mjs";
import { isMfaRequired } from "./support/sdk.mjs";

const story = site.backends["story-node"];

/** What the operator's switch does. */
function requireMfa() {
  execFileSync(site.manage[0], [...site.manage.slice(1), "set_policy", story.ref, "mfa_mode=required"]);
}

test("from the switch to a code on the next visit", async () => {
  const client = await signedUp(story);
  await data(client.from("notes").insert({ title: "Mine" }));
  await data(client.from("notes").insert({ title: "Everybody's", is_public: true }));
  const stranger = newClient(story);
  const told = await data(stranger.from("notes").select());
  assert.deepEqual(told.map((note) => note.title), ["Everybody's"]);

  requireMfa();

  const refused = await client.from("notes").select();
  assert.ok(isMfaRequired(refused.error));
  assert.equal(refused.error.details.next, "enroll");
  assert.equal((await data(client.auth.mfaStatus())).level, "aal1");
  assert.deepEqual(await data(stranger.from("notes").select()), told, "anonymous reads stay as they were");

  const authenticator = await setUp(client);
  assert.equal((await data(client.auth.mfaStatus())).level, "aal2");
  assert.equal((await data(client.from("notes").select())).length, 2);

  const later = await anotherVisit(story, client);
  const again = await later.from("notes").select();
  assert.ok(isMfaRequired(again.error));
  assert.equal(again.error.details.next, "challenge");
  const { factors } = await data(later.auth.challengeMfa());
  assert.deepEqual(factors.map((factor) => factor.name), ["Authenticator app"]);
  assert.equal((await later.auth.verifyMfa({ code: authenticator.wrong() })).error.code, "mfa_verification_failed");
  assert.ok(isMfaRequired((await later.from("notes").select()).error));
  await data(later.auth.verifyMfa({ code: await authenticator.code() }));
  assert.equal((await data(later.from("notes").select())).length, 2);
});

/** The two calls of the guide, letter for letter. */
async function setUp(client) {
  let authenticator;
  {
    const { data } = await client.auth.enrollMfa();
    assert.match(data.otpauthUrl, /^otpauth:\/\/totp\//);
    assert.ok(data.otpauthUrl.includes(data.secret));
    assert.match(data.qrCode, /^data:image\/svg\+xml[^#]*$/);
    authenticator = new Authenticator(data.secret);
  }
  const userTypedCode = await authenticator.code();
  {
    const { error } = await client.auth.verifyMfa({ code: userTypedCode });
    assert.equal(error, null);
  }
  return authenticator;
}

test("recovery codes stand in for the authenticator, once each", async () => {
  const client = await signedUp(story);
  await setUp(client);
  const { codes } = await data(client.auth.recoveryCodes.generate());
  const later = await anotherVisit(story, client);
  await data(later.auth.verifyRecoveryCode({ code: codes[0] }));
  assert.equal((await data(later.auth.mfaStatus())).level, "aal2");
  assert.equal((await data(later.auth.recoveryCodes.status())).remaining, codes.length - 1);
  const again = await anotherVisit(story, client);
  assert.ok((await again.auth.verifyRecoveryCode({ code: codes[0] })).error);
});

test("a session that is ended from another is over at its next call, and the app hears it", async () => {
  const heard = [];
  const client = await signedUp(story, { onSessionEnded: (why) => heard.push(why.reason) });
  const other = await anotherVisit(story, client);
  const { sessions } = await data(other.auth.listSessions());
  const { id } = sessions.find((session) => !session.current);
  await data(other.auth.revokeSession(id));
  const ended = new Promise((resolve) => client.auth.onAuthStateChange((event) => event === "SIGNED_OUT" && resolve()));
  assert.ok((await client.from("notes").select()).error);
  await ended;
  assert.deepEqual(heard, ["ended"]);
});
