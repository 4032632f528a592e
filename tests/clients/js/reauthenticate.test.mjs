// A nonce by mail, for the change of a password. What an old session is asked for is in test_python.
import { data, refused } from "./support/client.mjs";
import { test } from "./support/flows.mjs";
import { mailTo } from "./support/mailbox.mjs";
import { confirmed } from "./support/people.mjs";

const password = "another horse battery";

test("the nonce of the mail is taken once, and another is not", async () => {
  const client = await confirmed();
  await data(client.reauthenticate());
  const { code: nonce } = await mailTo(client.address);
  const wrong = nonce === "000000" ? "000001" : "000000";
  const refusal = client.updateUser({ password, nonce: wrong });
  await refused(refusal, "reauthentication_not_valid", 422);
  await data(client.updateUser({ password, nonce }));
  const again = client.updateUser({ password: "one more horse battery", nonce });
  await refused(again, "reauthentication_not_valid", 422);
});
