// A second step with real codes: enrol, challenge, verify, unenrol, and what the helpers say.
import assert from "node:assert/strict";
import { Authenticator, enrolled } from "./support/authenticator.mjs";
import { anotherDevice, data, refused, signedUp } from "./support/client.mjs";
import { graces, test } from "./support/flows.mjs";
import { strict } from "./support/site.mjs";

test("a factor is enrolled with a picture, a key and an address", async () => {
  const client = await signedUp(strict);
  const { id, type, totp } = await data(
    client.mfa.enroll({ factorType: "totp", friendlyName: "Phone", issuer: "Example" }),
  );
  assert.equal(type, "totp");
  assert.match(totp.qr_code, /^data:image\/svg\+xml;utf-8,(<\?xml.*\?>\s*)?<svg/s);
  assert.ok(!totp.qr_code.includes("#"), "a browser would cut the picture there");
  assert.match(totp.uri, /^otpauth:\/\/totp\/Example/);
  assert.ok(totp.uri.includes(totp.secret));
  const { all, totp: verified } = await data(client.mfa.listFactors());
  assert.deepEqual(all.map((f) => [f.id, f.status, f.friendly_name]), [[id, "unverified", "Phone"]]);
  assert.deepEqual(verified, []);
});

for (const [grace, backend] of graces) {
  test(`a verified code raises the session, and the client goes on with it [grace ${grace}]`, async () => {
    const client = await signedUp(backend);
    const level = async () => data(client.mfa.getAuthenticatorAssuranceLevel());
    assert.deepEqual([(await level()).currentLevel, (await level()).nextLevel], ["aal1", "aal1"]);
    const { factor } = await enrolled(client);
    const after = await level();
    assert.deepEqual([after.currentLevel, after.nextLevel], ["aal2", "aal2"]);
    assert.deepEqual(after.currentAuthenticationMethods.map((m) => m.method).sort(), ["password", "totp"]);
    assert.ok(client.events.includes("MFA_CHALLENGE_VERIFIED"));
    const { totp } = await data(client.mfa.listFactors());
    assert.deepEqual(totp.map((f) => f.id), [factor.id]);
    await data(client.refreshSession());
    assert.equal((await level()).currentLevel, "aal2");
  });
}

test("another device is told that a code is due, and gives it", async () => {
  const { factor, authenticator, client } = await withFactor();
  const device = await anotherDevice(strict, client);
  const before = await data(device.mfa.getAuthenticatorAssuranceLevel());
  assert.deepEqual([before.currentLevel, before.nextLevel], ["aal1", "aal2"]);
  const challenge = await data(device.mfa.challenge({ factorId: factor.id }));
  assert.equal(challenge.type, "totp");
  assert.ok(challenge.expires_at * 1000 > Date.now());
  const given = { factorId: factor.id, challengeId: challenge.id };
  await refused(device.mfa.verify({ ...given, code: authenticator.wrong() }), "mfa_verification_failed", 422);
  await data(device.mfa.verify({ ...given, code: await authenticator.code() }));
  const { session } = await data(device.getSession());
  const told = await data(device.mfa.getAuthenticatorAssuranceLevel(session.access_token));
  assert.equal(told.currentLevel, "aal2");
});

test("a code works once", async () => {
  const { factor, authenticator, client } = await withFactor();
  const code = await authenticator.code();
  await data(client.mfa.challengeAndVerify({ factorId: factor.id, code }));
  const again = client.mfa.challengeAndVerify({ factorId: factor.id, code });
  await refused(again, "mfa_verification_failed", 422);
});

test("with a factor, what matters is refused below aal2", async () => {
  const { factor, client } = await withFactor();
  const device = await anotherDevice(strict, client);
  await refused(device.updateUser({ password: "another horse battery" }), "insufficient_aal");
  await refused(device.mfa.enroll({ factorType: "totp", friendlyName: "2" }), "insufficient_aal", 403);
  await refused(device.mfa.unenroll({ factorId: factor.id }), "insufficient_aal", 422);
});

test("an enrolment that was never finished gives way to the next of its name", async () => {
  const client = await signedUp(strict);
  const first = await data(client.mfa.enroll({ factorType: "totp", friendlyName: "Phone" }));
  const second = await data(client.mfa.enroll({ factorType: "totp", friendlyName: "Phone" }));
  const { all } = await data(client.mfa.listFactors());
  assert.deepEqual(all.map((f) => f.id), [second.id]);
  assert.notEqual(first.id, second.id);
});

test("unenrolling the factor takes the session down to aal1", async () => {
  const { factor, client } = await withFactor();
  assert.deepEqual(await data(client.mfa.unenroll({ factorId: factor.id })), { id: factor.id });
  await data(client.refreshSession());
  const level = await data(client.mfa.getAuthenticatorAssuranceLevel());
  assert.deepEqual([level.currentLevel, level.nextLevel], ["aal1", "aal1"]);
  assert.deepEqual((await data(client.mfa.listFactors())).all, []);
});

test("a second authenticator stands in for the first", async () => {
  const { factor, client } = await withFactor();
  const second = await data(client.mfa.enroll({ factorType: "totp", friendlyName: "Tablet" }));
  const tablet = new Authenticator(second.totp.secret);
  await data(client.mfa.challengeAndVerify({ factorId: second.id, code: await tablet.code() }));
  await data(client.mfa.unenroll({ factorId: factor.id }));
  const device = await anotherDevice(strict, client);
  await data(device.mfa.challengeAndVerify({ factorId: second.id, code: await tablet.code() }));
});

async function withFactor() {
  const client = await signedUp(strict);
  return { client, ...(await enrolled(client)) };
}
