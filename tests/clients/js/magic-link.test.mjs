// Links in real mails: what opening them does, and what the button does.
import assert from "node:assert/strict";
import { PASSWORD, address, data, newClient, refused } from "./support/client.mjs";
import { appAt, followed, opened, told } from "./support/browser.mjs";
import { test } from "./support/flows.mjs";
import { mailTo, noMailTo } from "./support/mailbox.mjs";
import { APP, confirmed } from "./support/people.mjs";
import { letter, mailed } from "./support/site.mjs";

const asking = (email, options = {}) =>
  data(newClient(mailed).signInWithOtp({ email, options: { emailRedirectTo: APP, ...options } }));

test("a link signs in, by the button of its page", async () => {
  const { address: email } = await confirmed();
  await asking(email);
  const { link } = await mailTo(email);
  const url = await followed(link);
  assert.ok(url.startsWith(`${APP}#`), url);
  assert.deepEqual([told(url).token_type, told(url).expires_in], ["bearer", "300"]);
  const { client, left } = await appAt(url, mailed);
  const { session } = await data(client.getSession());
  assert.equal(session.user.email, email);
  assert.ok(client.events.includes("SIGNED_IN"));
  assert.ok(!left.includes("access_token"), left);
});

test("opening the link, however often, spends nothing; the button spends it", async () => {
  const { address: email } = await confirmed();
  await asking(email);
  const { link } = await mailTo(email);
  for (let n = 0; n < 3; n++) {
    assert.equal((await fetch(link, { method: "HEAD" })).status, 200);
    assert.equal((await opened(link)).shown.status, 200);
  }
  assert.ok(told(await followed(link)).access_token);
  const { shown } = await opened(link);
  assert.ok(!shown.page.includes("access_token"));
  assert.notEqual(shown.status, 500);
  const spent = newClient(mailed).verifyOtp({ token_hash: told(link).token, type: "magiclink" });
  assert.equal((await spent).error.code, "otp_expired");
});

test("a link for an address that nobody has signs up, and one that must not says the same", async () => {
  const [stranger, nobody, later] = [address(), address(), address()];
  await asking(nobody, { shouldCreateUser: false });
  await asking(stranger);
  const { link } = await mailTo(stranger);
  const { client } = await appAt(await followed(link), mailed);
  assert.equal((await data(client.getUser())).user.email, stranger);
  await asking(later);
  assert.ok(await noMailTo(nobody, later));
});

test("a sign-up is confirmed by its link", async () => {
  const client = newClient(mailed);
  const email = address();
  const credentials = { email, password: PASSWORD, options: { emailRedirectTo: APP } };
  const { user, session } = await data(client.signUp(credentials));
  assert.equal(session, null);
  assert.ok(user.confirmation_sent_at);
  const { link } = await mailTo(email);
  const url = await followed(link);
  assert.equal(told(url).type, "signup");
  const { client: app } = await appAt(url, mailed);
  const { user: now } = await data(app.getUser());
  assert.equal(now.id, user.id);
  assert.ok(now.email_confirmed_at && now.user_metadata.email_verified);
  await data(newClient(mailed).signInWithPassword({ email, password: PASSWORD }));
});

test("signing up with a taken address looks like any sign-up, and its owner hears of it", async () => {
  const { address: email } = await confirmed();
  const { user, session } = await data(newClient(mailed).signUp({ email, password: PASSWORD }));
  const fresh = (await data(newClient(mailed).signUp({ email: address(), password: PASSWORD }))).user;
  assert.equal(session, null);
  assert.deepEqual(Object.keys(user).sort(), Object.keys(fresh).sort());
  const { code, text } = await mailTo(email);
  assert.equal(code, undefined, text);
});

test("a confirmation is sent once more, and the one before is void", async () => {
  const client = newClient(mailed);
  const email = address();
  await data(client.signUp({ email, password: PASSWORD }));
  const first = await mailTo(email);
  await data(client.resend({ type: "signup", email }));
  const second = await mailTo(email);
  const before = await client.verifyOtp({ email, token: first.code, type: "signup" });
  assert.equal(before.error?.code, "otp_expired");
  await data(client.verifyOtp({ email, token: second.code, type: "signup" }));
});

test("a link leads to no place that the backend does not know", async () => {
  const { address: email } = await confirmed();
  await asking(email, { emailRedirectTo: "https://evil.example/" });
  const { link } = await mailTo(email);
  assert.equal(new URL(await followed(link)).host, "app.localhost:3000");
});

test("with one-step links, opening the link is enough", async () => {
  const client = newClient(letter);
  const email = address();
  await data(client.signInWithOtp({ email, options: { emailRedirectTo: APP } }));
  const { link } = await mailTo(email);
  const answer = await fetch(link, { redirect: "manual" });
  assert.equal(answer.status, 303);
  const { client: app } = await appAt(answer.headers.get("location"), letter);
  assert.equal((await data(app.getUser())).user.email, email);
  const again = await fetch(link, { redirect: "manual" });
  const { error, error_code } = told(again.headers.get("location"));
  assert.deepEqual([error, error_code], ["access_denied", "otp_expired"]);
});

test("the second mail within a minute is refused, and so it is for an address nobody has", async () => {
  const messages = [];
  for (const options of [{}, { shouldCreateUser: false }]) {
    const client = newClient(letter);
    const asked = { email: address(), options };
    await data(client.signInWithOtp(asked));
    const again = await refused(client.signInWithOtp(asked), "over_email_send_rate_limit", 429);
    messages.push(again.message.replace(/\d+/, "N"));
  }
  assert.equal(messages[0], messages[1]);
  assert.match(messages[0], /^For security purposes, you can only request this after N seconds/);
});
