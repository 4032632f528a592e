// Links and codes that a server asks for with the service key, and invitations.
import assert from "node:assert/strict";
import { appAt, followed, told } from "./support/browser.mjs";
import { PASSWORD, address, data, newClient, refused } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { mailTo } from "./support/mailbox.mjs";
import { APP, confirmed } from "./support/people.mjs";
import { mailed } from "./support/site.mjs";

const admin = newClient(mailed, { key: mailed.service_key }).admin;
const options = { redirectTo: APP };

async function made(values) {
  const { properties, user } = await data(admin.generateLink({ options, ...values }));
  assert.ok(properties.action_link.includes(properties.hashed_token));
  assert.match(properties.email_otp, /^\d{6}$/);
  assert.equal(properties.redirect_to, APP);
  return { ...properties, user };
}

test("a link of type magiclink signs in", async () => {
  const { address: email } = await confirmed();
  const { action_link, verification_type, user } = await made({ type: "magiclink", email });
  assert.deepEqual([verification_type, user.email], ["magiclink", email]);
  const { client } = await appAt(await followed(action_link), mailed);
  assert.equal((await data(client.getUser())).user.id, user.id);
});

test("the code of a recovery leads to a new password", async () => {
  const { address: email } = await confirmed();
  const { email_otp: token } = await made({ type: "recovery", email });
  const client = newClient(mailed);
  await data(client.verifyOtp({ email, token, type: "recovery" }));
  await data(client.updateUser({ password: "another horse battery" }));
});

test("a sign-up is made and confirmed by its link", async () => {
  const email = address();
  const given = { type: "signup", email, password: PASSWORD, options: { ...options, data: { a: 1 } } };
  const { hashed_token: token_hash, user } = await made(given);
  assert.deepEqual(user.user_metadata, { a: 1 });
  await data(newClient(mailed).verifyOtp({ token_hash, type: "signup" }));
  await data(newClient(mailed).signInWithPassword({ email, password: PASSWORD }));
});

test("both links of a change of address", async () => {
  const client = await confirmed();
  const change = { email: client.address, newEmail: address() };
  const current = await made({ type: "email_change_current", ...change });
  const next = await made({ type: "email_change_new", ...change });
  await followed(current.action_link);
  await followed(next.action_link);
  assert.equal((await data(client.getUser())).user.email, change.newEmail);
});

test("an invitation by link makes an account", async () => {
  const email = address();
  const { action_link, verification_type } = await made({ type: "invite", email });
  assert.equal(verification_type, "invite");
  const url = await followed(action_link);
  assert.equal(told(url).type, "invite");
  const { client } = await appAt(url, mailed);
  await data(client.updateUser({ password: PASSWORD }));
  await data(newClient(mailed).signInWithPassword({ email, password: PASSWORD }));
});

test("an invitation by mail makes an account, once", async () => {
  const email = address();
  const { user } = await data(admin.inviteUserByEmail(email, { ...options, data: { team: "red" } }));
  assert.ok(user.invited_at);
  assert.deepEqual(user.user_metadata, { team: "red" });
  const { client } = await appAt(await followed((await mailTo(email)).link), mailed);
  assert.equal((await data(client.getUser())).user.user_metadata.team, "red");
  await refused(admin.inviteUserByEmail(email), "email_exists", 422);
});
