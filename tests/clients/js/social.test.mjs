// Signing in by a provider, and an account's other ways in.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { Browser, appAt, told } from "./support/browser.mjs";
import { address, data, newClient, refused, signedUp } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { APP } from "./support/people.mjs";
import { site, strict } from "./support/site.mjs";

const provider = "keycloak"; // a name that the Python client knows too

function options(login_hint) {
  return { redirectTo: APP, skipBrowserRedirect: true, queryParams: { login_hint } };
}

/** What a phone's own dialog of the provider hands to the app. */
async function idToken(email) {
  const nonce = randomUUID();
  const hashed = createHash("sha256").update(nonce).digest("hex");
  const answer = await fetch(`${site.provider}/id-token?email=${email}&nonce=${hashed}`);
  return { provider, token: (await answer.json()).id_token, nonce };
}

test("there and back, with the session in the fragment", async () => {
  const email = address();
  const { url } = await data(
    newClient(strict).signInWithOAuth({ provider, options: options(email) }),
  );
  const { url: back } = await new Browser().open(url);
  assert.ok(back.startsWith(`${APP}#`), back);
  assert.ok(told(back).provider_token);
  const { client } = await appAt(back, strict);
  const { user } = await data(client.getUser());
  assert.deepEqual([user.email, user.app_metadata.provider], [email, provider]);
  assert.deepEqual(user.identities.map((i) => i.provider), [provider]);
});

test("there and back with PKCE, and the provider's tokens with the session", async () => {
  const email = address();
  const client = newClient(strict, { flowType: "pkce" });
  const { url } = await data(client.signInWithOAuth({ provider, options: options(email) }));
  const { url: back } = await new Browser().open(url);
  const other = newClient(strict, { flowType: "pkce" });
  assert.ok((await other.exchangeCodeForSession(told(back).code)).error);
  const { session } = await data(client.exchangeCodeForSession(told(back).code));
  assert.equal(session.user.email, email);
  assert.ok(session.provider_token && session.provider_refresh_token);
  const { currentAuthenticationMethods: methods } = await data(
    client.mfa.getAuthenticatorAssuranceLevel(),
  );
  assert.deepEqual(methods.map((m) => m.method), ["oauth"]);
});

test("an ID token of a phone's own dialog signs in", async () => {
  const email = address();
  const { user } = await data(newClient(strict).signInWithIdToken(await idToken(email)));
  assert.equal(user.email, email);
  const wrong = { ...(await idToken(email)), nonce: randomUUID() };
  assert.ok((await newClient(strict).signInWithIdToken(wrong)).error);
});

test("an identity is linked, signs in to the same account, and is unlinked", async () => {
  const client = await signedUp(strict, { flowType: "pkce" });
  const { user } = (await data(client.getSession())).session;
  const another = address();
  const { url } = await data(client.linkIdentity({ provider, options: options(another) }));
  const { url: back } = await new Browser().open(url);
  await data(client.exchangeCodeForSession(told(back).code));
  const { identities } = await data(client.getUserIdentities());
  assert.deepEqual(identities.map((i) => i.provider).sort(), [provider, "email"].sort());
  const visitor = newClient(strict);
  assert.equal((await data(visitor.signInWithIdToken(await idToken(another)))).user.id, user.id);
  await data(client.unlinkIdentity(identities.find((i) => i.provider === provider)));
  assert.equal((await data(client.getUserIdentities())).identities.length, 1);
});

test("an identity is linked by an ID token", async () => {
  const client = await signedUp(strict);
  await data(client.linkIdentity(await idToken(address())));
  assert.equal((await data(client.getUserIdentities())).identities.length, 2);
});

test("a provider that the backend does not accept is refused", async () => {
  const token = { provider: "google", token: "e30.e30.e30" };
  const { error } = await newClient(strict).signInWithIdToken(token);
  assert.match(error.message, /not enabled|Bad ID token/);
  const client = await signedUp(strict);
  const link = client.linkIdentity({ provider: "google", options: options("x") });
  await refused(link, "validation_failed", 400);
});
