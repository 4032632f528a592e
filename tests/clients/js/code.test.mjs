// The code that every mail carries beside its link.
import assert from "node:assert/strict";
import { address, data, newClient, refused } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { mailTo } from "./support/mailbox.mjs";
import { confirmed } from "./support/people.mjs";
import { told } from "./support/browser.mjs";
import { mailed } from "./support/site.mjs";

test("a code signs in, once", async () => {
  const { address: email } = await confirmed();
  const client = newClient(mailed);
  await data(client.signInWithOtp({ email }));
  const { code: token } = await mailTo(email);
  const { user } = await data(client.verifyOtp({ email, token, type: "email" }));
  assert.equal(user.email, email);
  const { currentLevel, currentAuthenticationMethods: methods } = await data(
    client.mfa.getAuthenticatorAssuranceLevel(),
  );
  assert.deepEqual([currentLevel, methods.map((m) => m.method)], ["aal1", ["otp"]]);
  const again = newClient(mailed).verifyOtp({ email, token, type: "email" });
  await refused(again, "otp_expired", 403);
});

test("a code signs up somebody new", async () => {
  const email = address();
  const client = newClient(mailed);
  await data(client.signInWithOtp({ email, options: { data: { team: "blue" } } }));
  const { code: token } = await mailTo(email);
  const { user } = await data(client.verifyOtp({ email, token, type: "email" }));
  assert.equal(user.user_metadata.team, "blue");
  assert.ok(user.email_confirmed_at);
});

test("a wrong code and an unknown address are refused alike", async () => {
  const { address: email } = await confirmed();
  const client = newClient(mailed);
  await data(client.signInWithOtp({ email }));
  const { code } = await mailTo(email);
  const token = code === "000000" ? "000001" : "000000";
  const wrong = await refused(client.verifyOtp({ email, token, type: "email" }), "otp_expired", 403);
  const nobody = client.verifyOtp({ email: address(), token, type: "email" });
  assert.equal((await refused(nobody, "otp_expired", 403)).message, wrong.message);
  await data(client.verifyOtp({ email, token: code, type: "email" }));
});

test("the token of a link is redeemed by a server of the app", async () => {
  const { address: email } = await confirmed();
  const client = newClient(mailed);
  await data(client.signInWithOtp({ email }));
  const { token: token_hash } = told((await mailTo(email)).link);
  await refused(client.verifyOtp({ token_hash, type: "recovery" }), "otp_expired", 403);
  await data(client.verifyOtp({ token_hash, type: "magiclink" }));
});
