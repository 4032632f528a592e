import { expect, test } from "vitest";
import { clientOf, refused, site } from "../support/site.js";
import { session, totp } from "../support/tokens.js";

const CODES = "/auth/v1/factors/recovery-codes";

test("recovery codes: how many, the first set, a new one, none", async () => {
  const set = { id: "r", type: "recovery_code", total: 10 };
  const backend = site({
    [`GET ${CODES}`]: () => Response.json({ ...set, remaining: 7 }),
    [`POST ${CODES}`]: () => Response.json({ ...set, codes: ["a"] }),
    [`POST ${CODES}/regenerate`]: () => Response.json({ ...set, codes: ["b"] }),
    [`DELETE ${CODES}`]: () => Response.json({ id: "r" }),
  });
  const { recoveryCodes } = clientOf(backend, session()).auth;
  expect((await recoveryCodes.status()).data).toMatchObject({ total: 10, remaining: 7 });
  expect((await recoveryCodes.generate()).data?.codes).toEqual(["a"]);
  expect((await recoveryCodes.regenerate()).data?.codes).toEqual(["b"]);
  expect((await recoveryCodes.remove()).data).toEqual({ id: "r" });
});

test("without a set there is an error to tell it by", async () => {
  const backend = site({ [`GET ${CODES}`]: () => refused(404, "mfa_factor_not_found") });
  const { data, error } = await clientOf(backend, session()).auth.recoveryCodes.status();
  expect([data, error?.code]).toEqual([null, "mfa_factor_not_found"]);
});

const standing = [
  { who: "nobody", of: null, is: { level: null, enrolled: false, next: null } },
  { who: "somebody new", of: session(), is: { level: "aal1", enrolled: false, next: "enroll" } },
  {
    who: "somebody who has begun a set-up",
    of: session({ factors: [totp("1", { status: "unverified" })] }),
    is: { level: "aal1", enrolled: false, next: "enroll" },
  },
  {
    who: "somebody with a factor",
    of: session({ factors: [totp("1")] }),
    is: { level: "aal1", enrolled: true, next: "challenge" },
  },
  {
    who: "somebody who was verified",
    of: session({ factors: [totp("1")], verifiedAt: 5 }),
    is: { level: "aal2", enrolled: true, next: null },
  },
];

test.each(standing)("how $who stands is known without the server", async ({ of, is }) => {
  const backend = site();
  expect(await clientOf(backend, of).auth.mfaStatus()).toEqual({ data: is, error: null });
  expect(backend.asked()).toEqual([]);
});

test("sessions are listed with the session's token, and ended one by one", async () => {
  const signedIn = session();
  const sessions = [{ id: "s1", current: true, aal: "aal1" }];
  const backend = site({
    "GET /auth/v1/sessions": () => Response.json({ sessions }),
    "DELETE /auth/v1/sessions/s2": () => new Response(null, { status: 204 }),
  });
  const { auth } = clientOf(backend, signedIn);
  expect(await auth.listSessions()).toEqual({ data: { sessions }, error: null });
  expect(await auth.revokeSession("s2")).toEqual({ data: null, error: null });
  expect(backend.calls.map(({ token }) => token)).toEqual(Array(2).fill(signedIn.access_token));
});

test("what is no session's name leads nowhere else", async () => {
  const backend = site();
  await clientOf(backend, session()).auth.revokeSession("../user?a#b");
  expect(backend.asked()).toEqual(["DELETE /auth/v1/sessions/..%2Fuser%3Fa%23b"]);
});
