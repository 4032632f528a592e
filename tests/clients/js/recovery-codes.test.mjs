// Recovery codes, through the client's experimental flag.
import assert from "node:assert/strict";
import { enrolled } from "./support/authenticator.mjs";
import { anotherDevice, data, refused, signedUp } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { strict } from "./support/site.mjs";

test("ten codes are made, and each stands in for the authenticator once", async () => {
  const { client, codes } = await withCodes();
  assert.equal(codes.length, 10);
  const device = await anotherDevice(strict, client);
  const used = codes[0].toUpperCase().replace(/(.{4})(?=.)/g, "$1-");
  await data(device.mfa.recoveryCodes.verify({ code: used }));
  assert.ok(device.events.includes("MFA_CHALLENGE_VERIFIED"));
  const level = await data(device.mfa.getAuthenticatorAssuranceLevel());
  assert.equal(level.currentLevel, "aal2");
  assert.ok(level.currentAuthenticationMethods.some((m) => m.method === "mfa/recovery_code"));
  const { total, remaining, type } = await data(device.mfa.recoveryCodes.getStatus());
  assert.deepEqual([type, total, remaining], ["recovery_code", 10, 9]);
  const third = await anotherDevice(strict, client);
  await refused(third.mfa.recoveryCodes.verify({ code: codes[0] }), "mfa_verification_failed");
});

test("the set is among the factors, beside the authenticator", async () => {
  const { client, id } = await withCodes();
  const { all, recovery_code, totp } = await data(client.mfa.listFactors());
  assert.equal(all.length, 2);
  assert.deepEqual(recovery_code.map((f) => [f.id, f.status]), [[id, "verified"]]);
  assert.equal(totp.length, 1);
});

test("a second set is refused, and regenerating makes the first worthless", async () => {
  const { client, codes } = await withCodes();
  await refused(client.mfa.recoveryCodes.generate(), "mfa_verified_factor_exists");
  const fresh = (await data(client.mfa.recoveryCodes.regenerate())).codes;
  assert.equal(new Set([...fresh, ...codes]).size, 20);
  const device = await anotherDevice(strict, client);
  await refused(device.mfa.recoveryCodes.verify({ code: codes[1] }), "mfa_verification_failed");
  await data(device.mfa.recoveryCodes.verify({ code: fresh[1] }));
});

test("codes alone are never the second step", async () => {
  const client = await signedUp(strict);
  await refused(client.mfa.recoveryCodes.getStatus(), "mfa_factor_not_found");
  const { error } = await client.mfa.recoveryCodes.generate();
  assert.ok(["mfa_recovery_codes_sole_factor", "insufficient_aal"].includes(error.code), error.code);
});

test("the last authenticator stays while there are codes, and the codes can go", async () => {
  const { client, factor, id } = await withCodes();
  const last = await client.mfa.unenroll({ factorId: factor.id });
  assert.equal(last.error?.status, 422, "the last authenticator went");
  assert.equal((await client.mfa.unenroll({ factorId: id })).error.status, 422);
  assert.deepEqual(await data(client.mfa.recoveryCodes.unenroll()), { id });
  await data(client.mfa.unenroll({ factorId: factor.id }));
});

async function withCodes() {
  const client = await signedUp(strict);
  const { factor } = await enrolled(client);
  return { client, factor, ...(await data(client.mfa.recoveryCodes.generate())) };
}
