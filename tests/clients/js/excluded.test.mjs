// What this product leaves out, refused with errors that the client knows.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { PASSWORD, newClient, refused, signedUp } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { strict } from "./support/site.mjs";

const phone = "+4915112345678";

test("phones neither sign up nor in", async () => {
  const client = newClient(strict);
  await refused(client.signUp({ phone, password: PASSWORD }), "phone_provider_disabled", 400);
  const credentials = { phone, password: PASSWORD };
  await refused(client.signInWithPassword(credentials), "phone_provider_disabled", 400);
  await refused(client.signInWithOtp({ phone }), "phone_provider_disabled", 400);
});

test("SAML is disabled", async () => {
  const sso = newClient(strict).signInWithSSO({ domain: "example.com" });
  await refused(sso, "saml_provider_disabled", 404);
});

test("web3 is disabled", async () => {
  const message = "example.com wants you to sign in";
  const signed = { chain: "ethereum", message, signature: `0x${"0".repeat(130)}` };
  const { error } = await newClient(strict).signInWithWeb3(signed);
  assert.match(error.message, /Web3 provider is disabled/);
});

test("a factor is an authenticator app, and no phone or key", async () => {
  const client = await signedUp(strict);
  for (const factorType of ["phone", "webauthn"]) {
    const { error } = await client.mfa.enroll({ factorType, phone, friendlyName: factorType });
    assert.ok(error.status >= 400 && error.status < 500, `${error.status}`);
  }
});

test("being an OAuth server, custom providers and passkeys are not there, and say so", async () => {
  const experimental = { passkey: true };
  const { admin } = newClient(strict, { key: strict.service_key, experimental });
  const client = await signedUp(strict, { experimental });
  const calls = [
    admin.oauth.listClients(),
    admin.customProviders.listProviders(),
    admin.passkey.listPasskeys({ userId: randomUUID() }),
    client.oauth.listGrants(),
    client.oauth.getAuthorizationDetails(randomUUID()),
    client.passkey.list(),
    newClient(strict, { experimental }).passkey.startAuthentication(),
  ];
  for (const { error } of await Promise.all(calls)) {
    assert.equal(error?.status, 404, error?.message);
    assert.equal(error.code, "not_found");
  }
});
