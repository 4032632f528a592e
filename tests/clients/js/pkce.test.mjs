// PKCE: the code in the return address is worth nothing without the verifier that asked for it.
import assert from "node:assert/strict";
import { PASSWORD, Storage, address, data, newClient, refused } from "./support/client.mjs";
import { appAt, followed, told } from "./support/browser.mjs";
import { test } from "./support/flows.mjs";
import { mailTo } from "./support/mailbox.mjs";
import { APP, confirmed } from "./support/people.mjs";
import { mailed } from "./support/site.mjs";

/** A client that asked for a link, and the address that the link led to. */
async function linked(email, options = {}) {
  const client = newClient(mailed, { flowType: "pkce", ...options });
  await data(client.signInWithOtp({ email, options: { emailRedirectTo: APP } }));
  const { link } = await mailTo(email);
  const url = await followed(link);
  assert.deepEqual(Object.keys(told(url)).filter((name) => name !== "sb_flow_id"), ["code"]);
  return { client, url, code: told(url).code };
}

test("the client that asked trades the code, once", async () => {
  const { address: email } = await confirmed();
  const { client, code } = await linked(email);
  const { session } = await data(client.exchangeCodeForSession(code));
  assert.equal(session.user.email, email);
  assert.ok(client.events.includes("SIGNED_IN"));
  await data(client.refreshSession());
  const again = await client.exchangeCodeForSession(code);
  assert.ok(again.error);
});

test("the app finds the code in its address by itself", async () => {
  const { address: email } = await confirmed();
  const storage = new Storage();
  const { url } = await linked(email, { storage });
  const { client, left } = await appAt(url, mailed, { flowType: "pkce", storage });
  assert.equal((await data(client.getSession())).session.user.email, email);
  assert.ok(!left.includes("code="), left);
});

test("another client has no verifier, and another's verifier is refused", async () => {
  const { address: email } = await confirmed();
  const { client, code } = await linked(email);
  const other = newClient(mailed, { flowType: "pkce" });
  const without = await other.exchangeCodeForSession(code);
  assert.equal(without.error.name, "AuthPKCECodeVerifierMissingError");
  await data(other.signInWithOtp({ email: address() }));
  await refused(other.exchangeCodeForSession(code), "bad_code_verifier", 400);
  assert.equal((await data(other.getSession())).session, null);
  await data(client.exchangeCodeForSession(code));
});

test("a code that never was is not found", async () => {
  const client = newClient(mailed, { flowType: "pkce" });
  await data(client.signInWithOtp({ email: address() }));
  const unknown = client.exchangeCodeForSession("7d444840-9dc0-11d1-b245-5ffdce74fad2");
  await refused(unknown, "flow_state_not_found", 404);
});

test("a sign-up is confirmed for the client that signed up", async () => {
  const client = newClient(mailed, { flowType: "pkce" });
  const email = address();
  const credentials = { email, password: PASSWORD, options: { emailRedirectTo: APP } };
  await data(client.signUp(credentials));
  const url = await followed((await mailTo(email)).link);
  const { session } = await data(client.exchangeCodeForSession(told(url).code));
  assert.equal(session.user.email, email);
});

test("a recovery tells the app that it is one", async () => {
  const { address: email } = await confirmed();
  const client = newClient(mailed, { flowType: "pkce" });
  await data(client.resetPasswordForEmail(email, { redirectTo: APP }));
  const url = await followed((await mailTo(email)).link);
  const { redirectType } = await data(client.exchangeCodeForSession(told(url).code));
  assert.match(redirectType, /recovery/i);
  assert.ok(client.events.includes("PASSWORD_RECOVERY"));
  await data(client.updateUser({ password: "another horse battery" }));
});
