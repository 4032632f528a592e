import { expect, test } from "vitest";
import { clientOf, refused, site } from "../support/site.js";
import { session, totp } from "../support/tokens.js";

const factors = [
  totp("1", { friendly_name: undefined }),
  totp("2", { status: "unverified" }),
  totp("3", { factor_type: "recovery_code" }),
  totp("4"),
];
const user = () => Response.json({ id: "ada", factors });
const challenge = () => Response.json({ id: "c", type: "totp", expires_at: 99 });

test("challengeMfa shows the verified authenticators and asks the first", async () => {
  const backend = site({
    "GET /auth/v1/user": user,
    "POST /auth/v1/factors/1/challenge": challenge,
  });
  const { data } = await clientOf(backend, session()).auth.challengeMfa();
  expect(data?.factors.map(({ id, name }) => [id, name])).toEqual([["1", ""], ["4", "App 4"]]);
  expect(data).toMatchObject({ factorId: "1", challengeId: "c", expiresAt: 99 });
});

test("challengeMfa asks the named one", async () => {
  const backend = site({
    "GET /auth/v1/user": user,
    "POST /auth/v1/factors/4/challenge": challenge,
  });
  const { data } = await clientOf(backend, session()).auth.challengeMfa({ factorId: "4" });
  expect(data?.factorId).toBe("4");
});

test("challengeMfa without a factor is the server's refusal", async () => {
  const nobody = "POST /auth/v1/factors/00000000-0000-0000-0000-000000000000/challenge";
  const backend = site({
    "GET /auth/v1/user": () => Response.json({ id: "ada" }),
    [nobody]: () => refused(404, "mfa_factor_not_found"),
  });
  const { data, error } = await clientOf(backend, session()).auth.challengeMfa();
  expect(data).toBeNull();
  expect(error?.code).toBe("mfa_factor_not_found");
});

test.each(["challengeMfa", "listMfaFactors"] as const)("%s of nobody is an error", async (name) => {
  const { data, error } = await clientOf(site(), null).auth[name]();
  expect(data).toBeNull();
  expect(error?.name).toBe("AuthSessionMissingError");
});

test("listMfaFactors has the same authenticators", async () => {
  const backend = site({ "GET /auth/v1/user": user });
  const { data } = await clientOf(backend, session()).auth.listMfaFactors();
  expect(data?.factors.map(({ id }) => id)).toEqual(["1", "4"]);
});

test("unenrollMfa refreshes the session, whose level may have ended", async () => {
  const next = session();
  const backend = site({
    "DELETE /auth/v1/factors/1": () => Response.json({ id: "1" }),
    "POST /auth/v1/token?grant_type=refresh_token": () => Response.json(next),
  });
  const client = clientOf(backend, session({ verifiedAt: 5 }));
  expect(await client.auth.unenrollMfa({ factorId: "1" })).toEqual({ data: { id: "1" }, error: null });
  expect((await client.auth.getSession()).data.session?.access_token).toBe(next.access_token);
});

test("unenrollMfa that is refused changes nothing", async () => {
  const backend = site({ "DELETE /auth/v1/factors/1": () => refused(422, "insufficient_aal") });
  const { error } = await clientOf(backend, session()).auth.unenrollMfa({ factorId: "1" });
  expect(error?.code).toBe("insufficient_aal");
  expect(backend.asked()).toEqual(["DELETE /auth/v1/factors/1"]);
});
