// A new address: it has to answer, and the present one has to agree.
import assert from "node:assert/strict";
import { appAt, followed, told } from "./support/browser.mjs";
import { PASSWORD, address, data, newClient, refused, signedUp } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { mailTo } from "./support/mailbox.mjs";
import { APP, confirmed } from "./support/people.mjs";
import { mailed, strict } from "./support/site.mjs";

test("both links are followed, the second one changes the address", async () => {
  const client = await confirmed();
  const [old, email] = [client.address, address()];
  const { user } = await data(client.updateUser({ email }, { emailRedirectTo: APP }));
  assert.deepEqual([user.email, user.new_email], [old, email]);
  assert.ok(user.email_change_sent_at);
  const first = told(await followed((await mailTo(email)).link));
  assert.match(first.message, /other email/);
  assert.equal(first.access_token, undefined);
  const url = await followed((await mailTo(old)).link);
  const { client: app } = await appAt(url, mailed);
  const now = (await data(app.getUser())).user;
  assert.deepEqual([now.email, now.new_email, now.id], [email, undefined, user.id]);
  await mailTo(old, "changed"); // with nothing to click: it is done
  await data(newClient(mailed).signInWithPassword({ email, password: PASSWORD }));
  const before = newClient(mailed).signInWithPassword({ email: old, password: PASSWORD });
  await refused(before, "invalid_credentials");
});

test("both codes do the same, in the other order", async () => {
  const client = await confirmed();
  const [old, email] = [client.address, address()];
  await data(client.updateUser({ email }));
  const agree = async (whose) =>
    data(client.verifyOtp({ email: whose, token: (await mailTo(whose)).code, type: "email_change" }));
  assert.deepEqual(await agree(old), { user: null, session: null });
  const { session } = await agree(email);
  assert.equal(session.user.email, email);
});

test("both mails are sent once more", async () => {
  const client = await confirmed();
  const email = address();
  await data(client.updateUser({ email }));
  const before = [await mailTo(client.address), await mailTo(email)];
  await data(client.resend({ type: "email_change", email }));
  const after = [await mailTo(client.address), await mailTo(email)];
  assert.notEqual(before[1].code + before[0].code, after[1].code + after[0].code);
});

test("an address that somebody has is answered like any other, and its owner hears of it", async () => {
  const [client, owner] = [await confirmed(), await confirmed()];
  const email = owner.address;
  const { user } = await data(client.updateUser({ email }));
  assert.equal(user.new_email, email);
  const { code, text } = await mailTo(email);
  assert.equal(code, undefined, text);
});

test("where addresses need no confirmation the change is made at once", async () => {
  const client = await signedUp(strict);
  const email = address();
  const { user } = await data(client.updateUser({ email }));
  assert.equal(user.email, email);
  const other = await signedUp(strict);
  await refused(other.updateUser({ email }), "email_exists", 422);
});
