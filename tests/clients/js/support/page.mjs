// What a page of the documentation is run with: a reader who does what it asks for, and what a
// browser has that Node lacks. tests/clients/test_pages.py puts the page's own code after it.
import { randomInt } from "node:crypto";
import { Authenticator } from "./authenticator.mjs";
import { PASSWORD, Storage, address } from "./client.mjs";
import { mailTo } from "./mailbox.mjs";
import { site } from "./site.mjs";

const email = address();
const shown = [];
const errors = [];
let authenticator;
let recoveryCode;

const { fetch } = globalThis;
const from = [10, randomInt(256), randomInt(256), randomInt(1, 255)].join(".");

async function fetched(request, options) {
  const headers = new Headers(options?.headers);
  headers.set("X-Forwarded-For", from);
  const answer = await fetch(request, { ...options, headers });
  const made = await answer.clone().json().catch(() => null);
  if (made?.totp?.secret) authenticator = new Authenticator(made.totp.secret); // scanned
  if (made?.codes) [recoveryCode] = made.codes; // saved
  return answer;
}

async function ask(what) {
  if (what.includes("mail")) return (await mailTo(email, "code: ")).code;
  if (what.includes("recovery")) return recoveryCode;
  return authenticator.code();
}

Object.assign(globalThis, {
  ask,
  email,
  fetch: fetched,
  localStorage: new Storage(),
  newPassword: "another horse battery",
  password: PASSWORD,
  serviceKey: site.backends.docs.service_key,
  show: (thing) => void shown.push(thing),
  // Its realtime part wants one at the start; Node has none before 22. Nothing here connects.
  WebSocket: globalThis.WebSocket ?? class {},
  /** After each block: the error that it had, if it asked for one. */
  after: (error) => void errors.push(error?.code ?? error?.message ?? null),
  /** After the last one. */
  finish() {
    console.log(JSON.stringify({ email, errors, shown }));
    process.exit(0); // the clients keep their clocks running
  },
});
