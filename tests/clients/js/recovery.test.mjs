// A forgotten password, for people with and without a second step.
import assert from "node:assert/strict";
import { enrolled } from "./support/authenticator.mjs";
import { appAt, followed, told } from "./support/browser.mjs";
import { address, data, newClient, refused } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { mailTo, noMailTo } from "./support/mailbox.mjs";
import { APP, confirmed } from "./support/people.mjs";
import { mailed } from "./support/site.mjs";

const NEW = "another horse battery";

/** An app that was opened by the link of the mail. */
async function recovering(email) {
  await data(newClient(mailed).resetPasswordForEmail(email, { redirectTo: APP }));
  const url = await followed((await mailTo(email, "type=recovery")).link);
  assert.equal(told(url).type, "recovery");
  const { client } = await appAt(url, mailed);
  assert.ok(client.events.includes("PASSWORD_RECOVERY"), client.events.join());
  return client;
}

test("without a second step, the link leads to a new password", async () => {
  const { address: email } = await confirmed();
  const client = await recovering(email);
  await data(client.updateUser({ password: NEW }));
  await data(newClient(mailed).signInWithPassword({ email, password: NEW }));
});

test("the code of the mail does too", async () => {
  const { address: email } = await confirmed();
  const client = newClient(mailed);
  await data(client.resetPasswordForEmail(email));
  const { code: token } = await mailTo(email);
  await data(client.verifyOtp({ email, token, type: "recovery" }));
  assert.ok(client.events.includes("PASSWORD_RECOVERY"));
  await data(client.updateUser({ password: NEW }));
});

test("with a second step, a code of the authenticator comes first", async () => {
  const owner = await confirmed();
  const { factor, authenticator } = await enrolled(owner);
  const client = await recovering(owner.address);
  const level = await data(client.mfa.getAuthenticatorAssuranceLevel());
  assert.deepEqual([level.currentLevel, level.nextLevel], ["aal1", "aal2"]);
  await refused(client.updateUser({ password: NEW }), "insufficient_aal", 401);
  const given = { factorId: factor.id, code: await authenticator.code() };
  await data(client.mfa.challengeAndVerify(given));
  await data(client.updateUser({ password: NEW }));
  const again = newClient(mailed);
  await data(again.signInWithPassword({ email: owner.address, password: NEW }));
  assert.equal((await data(again.mfa.getAuthenticatorAssuranceLevel())).nextLevel, "aal2");
});

test("without the authenticator, a recovery code stands in", async () => {
  const owner = await confirmed();
  await enrolled(owner);
  const { codes } = await data(owner.mfa.recoveryCodes.generate());
  const client = await recovering(owner.address);
  await data(client.mfa.recoveryCodes.verify({ code: codes[0] }));
  await data(client.updateUser({ password: NEW }));
});

test("an unknown address gets the same answer and no mail", async () => {
  const { address: email } = await confirmed();
  const nobody = address();
  const client = newClient(mailed);
  assert.deepEqual(await data(client.resetPasswordForEmail(nobody)), {});
  assert.deepEqual(await data(client.resetPasswordForEmail(email)), {});
  assert.ok(await noMailTo(nobody, email));
});
