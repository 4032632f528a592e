// Claims that the client verifies by itself, with the backend's public keys.
import assert from "node:assert/strict";
import { data, newClient, recording, signedUp } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { strict, tabs } from "./support/site.mjs";

test("claims are verified with the public keys, and nobody is asked for the user", async () => {
  const fetch = recording();
  const client = await signedUp(strict, { fetch, storageKey: "claims" });
  fetch.calls.length = 0;
  const { claims, header } = await data(client.getClaims());
  assert.deepEqual(fetch.calls, ["GET /.well-known/jwks.json"]);
  assert.deepEqual([header.alg, header.typ], ["ES256", "at+jwt"]);
  assert.equal(claims.iss, `${strict.url}/auth/v1`);
  assert.deepEqual([claims.aud, claims.role, claims.aal], ["authenticated", "authenticated", "aal1"]);
  assert.equal(claims.sub, (await data(client.getSession())).session.user.id);
  await data(client.getClaims());
  assert.equal(fetch.calls.length, 1, "the keys are kept");
});

test("a token that was changed, and one of another backend, are refused", async () => {
  const client = await signedUp(strict, { storageKey: "changed" });
  const { access_token: token } = (await data(client.getSession())).session;
  const [head, , signature] = token.split(".");
  const claims = { ...JSON.parse(Buffer.from(token.split(".")[1], "base64url")), aal: "aal2" };
  const forged = [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature];
  assert.equal((await client.getClaims(forged.join("."))).error.name, "AuthInvalidJwtError");

  const elsewhere = (await data((await signedUp(tabs)).getSession())).session.access_token;
  const { error } = await newClient(strict, { storageKey: "elsewhere" }).getClaims(elsewhere);
  assert.ok(error, "the other backend's key is not among ours");
});
