// The ways in that an account has.
import assert from "node:assert/strict";
import { data, refused, signedUp } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { strict } from "./support/site.mjs";

test("the identities of an account are listed", async () => {
  const client = await signedUp(strict);
  const { user } = (await data(client.getSession())).session;
  const { identities } = await data(client.getUserIdentities());
  assert.equal(identities.length, 1);
  const [{ provider, id, identity_id, identity_data }] = identities;
  assert.deepEqual([provider, id, identity_data.email], ["email", user.id, client.address]);
  assert.notEqual(identity_id, id);
});

test("the only one cannot be unlinked", async () => {
  const client = await signedUp(strict);
  const { identities } = await data(client.getUserIdentities());
  await refused(client.unlinkIdentity(identities[0]), "single_identity_not_deletable", 422);
});
