import { expect, test } from "vitest";
import { clientOf, refused, site } from "../support/site.js";
import { session } from "../support/tokens.js";

const verified = () => session({ verifiedAt: 1000 });

test("a code alone is one call, for which the server finds the factor", async () => {
  const next = verified();
  const backend = site({ "POST /auth/v1/mfa/verify": () => Response.json(next) });
  const client = clientOf(backend, session());
  const { data, error } = await client.auth.verifyMfa({ code: "123 456" });
  expect(error).toBeNull();
  expect(data).toEqual({ session: next, user: next.user });
  expect(backend.asked()).toEqual(["POST /auth/v1/mfa/verify"]);
  expect(backend.calls[0]?.body).toMatchObject({ code: "123 456" });
});

test("the session at aal2 is stored, and auth-js tells of it", async () => {
  const next = verified();
  const backend = site({ "POST /auth/v1/mfa/verify": () => Response.json(next) });
  const client = clientOf(backend, session());
  await client.auth.verifyMfa({ code: "123456" });
  expect((await client.auth.getSession()).data.session?.access_token).toBe(next.access_token);
  expect(client.events).toContain("MFA_CHALLENGE_VERIFIED");
});

test("a code of a named factor is asked for and given", async () => {
  const backend = site({
    "POST /auth/v1/factors/1/challenge": () => Response.json({ id: "c1", type: "totp", expires_at: 9 }),
    "POST /auth/v1/factors/1/verify": () => Response.json(verified()),
  });
  const { error } = await clientOf(backend, session()).auth.verifyMfa({ code: "1", factorId: "1" });
  expect(error).toBeNull();
  expect(backend.of("POST /auth/v1/factors/1/verify")[0]?.body).toEqual({ code: "1", challenge_id: "c1" });
});

test("an open challenge is answered without another", async () => {
  const backend = site({ "POST /auth/v1/factors/1/verify": () => Response.json(verified()) });
  const client = clientOf(backend, session());
  await client.auth.verifyMfa({ code: "1", factorId: "1", challengeId: "c0" });
  expect(backend.asked()).toEqual(["POST /auth/v1/factors/1/verify"]);
  expect(backend.calls[0]?.body).toEqual({ code: "1", challenge_id: "c0" });
});

test("a wrong code is an error, and the session stays as it was", async () => {
  const before = session();
  const backend = site({ "POST /auth/v1/mfa/verify": () => refused(422, "mfa_verification_failed") });
  const client = clientOf(backend, before);
  const { data, error } = await client.auth.verifyMfa({ code: "000000" });
  expect(data).toBeNull();
  expect(error).toMatchObject({ code: "mfa_verification_failed", status: 422 });
  expect((await client.auth.getSession()).data.session).toEqual(before);
});

test("a connection that breaks is an error, and nothing is thrown", async () => {
  const client = clientOf({ fetch: () => Promise.reject(new TypeError("offline")) }, session());
  const { data, error } = await client.auth.verifyMfa({ code: "123456" });
  expect(data).toBeNull();
  expect(error).toMatchObject({ status: 0 });
});

test("a storage that fails is an error, and nothing is thrown", async () => {
  const backend = site({ "POST /auth/v1/mfa/verify": () => Response.json(verified()) });
  const client = clientOf(backend, session());
  client.storage.setItem = () => {
    throw new Error("full");
  };
  const { error } = await client.auth.verifyMfa({ code: "123456" });
  expect(error?.message).toBe("full");
});

test("a recovery code leads to the same", async () => {
  const next = verified();
  const path = "POST /auth/v1/factors/recovery-codes/verify";
  const backend = site({ [path]: () => Response.json(next) });
  const client = clientOf(backend, session());
  const { data } = await client.auth.verifyRecoveryCode({ code: "abcd-efgh" });
  expect(data).toEqual({ session: next, user: next.user });
  expect(backend.of(path)[0]?.body).toEqual({ code: "abcd-efgh" });
  expect(client.events).toContain("MFA_CHALLENGE_VERIFIED");
});
