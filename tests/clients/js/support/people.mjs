// People whose address was confirmed by mail.
import { PASSWORD, address, data, newClient } from "./client.mjs";
import { mailTo } from "./mailbox.mjs";
import { mailed } from "./site.mjs";

export const APP = "http://app.localhost:3000/welcome";

/** Somebody who signed up and confirmed with the code of the mail, signed in. */
export async function confirmed(options) {
  const client = newClient(mailed, options);
  client.address = address();
  await data(client.signUp({ email: client.address, password: PASSWORD }));
  const { code } = await mailTo(client.address);
  await data(client.verifyOtp({ email: client.address, token: code, type: "signup" }));
  return client;
}
