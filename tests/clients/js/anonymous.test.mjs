// Somebody without an address, and how they become somebody.
import assert from "node:assert/strict";
import { address, data, newClient, refused } from "./support/client.mjs";
import { graces, test } from "./support/flows.mjs";
import { mailTo } from "./support/mailbox.mjs";
import { mailed } from "./support/site.mjs";

for (const [grace, backend] of graces) {
  test(`somebody anonymous has a session like any other [grace ${grace}]`, async () => {
    const client = newClient(backend);
    const options = { data: { basket: 3 } };
    const { user } = await data(client.signInAnonymously({ options }));
    assert.deepEqual([user.is_anonymous, user.email, user.user_metadata.basket], [true, "", 3]);
    await data(client.refreshSession());
    const { claims } = await data(client.getClaims());
    assert.deepEqual([claims.is_anonymous, claims.sub], [true, user.id]);
    const factor = client.mfa.enroll({ factorType: "totp" });
    await refused(factor, "no_authorization", 403);
  });
}

test("a confirmed address makes an account of it, with the same id", async () => {
  const client = newClient(mailed);
  const { user } = await data(client.signInAnonymously());
  const email = address();
  await data(client.updateUser({ email }));
  const { code: token } = await mailTo(email);
  const converted = await data(client.verifyOtp({ email, token, type: "email_change" }));
  assert.deepEqual([converted.user.id, converted.user.is_anonymous], [user.id, false]);
  assert.equal(converted.user.email, email);
  const password = "correct horse battery";
  await data(client.updateUser({ password }));
  await data(newClient(mailed).signInWithPassword({ email, password }));
});
