// A code is verified, or another tab goes on, while a refresh waits to be tried again.
import { beforeEach, expect, test, vi } from "vitest";
import { clientOf, site } from "../support/site.js";
import { session } from "../support/tokens.js";

const TOKEN = "POST /auth/v1/token?grant_type=refresh_token";

beforeEach(() => {
  vi.spyOn(console, "warn").mockReturnValue(); // auth-js speaks of what had no answer
});

/** A backend whose first answer to a refresh is lost, and what happens before the second try. */
function losing(meanwhile: () => void) {
  const next = session();
  const backend = site({
    [TOKEN]: () => {
      if (backend.of(TOKEN).length > 1) return Response.json(next);
      meanwhile();
      throw new TypeError("connection lost");
    },
  });
  return Object.assign(backend, { next });
}

test("a lost answer is asked for again, by the same name", async () => {
  const backend = losing(() => {});
  const { data } = await clientOf(backend, session()).auth.refreshSession();
  expect(data.session?.access_token).toBe(backend.next.access_token);
  const names = backend.of(TOKEN).map(({ headers }) => headers.get("Idempotency-Key"));
  expect(names[0]).toBe(names[1]);
});

test("a token that a verified code has replaced is not sent again, like a thief's", async () => {
  const verified = session({ verifiedAt: 1000 });
  const backend = losing(() => client.storage.setItem("lingauth-shop", JSON.stringify(verified)));
  const client = clientOf(backend, session({ expiresIn: -1 }));
  const { data } = await client.auth.getSession();
  expect(data.session?.access_token).toBe(verified.access_token);
  expect(backend.of(TOKEN)).toHaveLength(1);
  expect(client.events).not.toContain("SIGNED_OUT");
});

test("a token that was never this client's is tried again", async () => {
  const backend = losing(() => client.storage.setItem("lingauth-shop", JSON.stringify(session())));
  const client = clientOf(backend, session());
  await client.auth.refreshSession({ refresh_token: "brought from elsewhere" });
  expect(backend.of(TOKEN)).toHaveLength(2);
});

test("what else changes in the session does not keep its token from being tried again", async () => {
  const signedIn = session();
  const renamed = { ...signedIn, user: { ...signedIn.user, email: "new@example.com" } };
  const backend = losing(() => client.storage.setItem("lingauth-shop", JSON.stringify(renamed)));
  const client = clientOf(backend, signedIn);
  await client.auth.refreshSession();
  expect(backend.of(TOKEN)).toHaveLength(2);
});

test("a code is verified under the name of the refresh that would follow a lost answer", async () => {
  const signedIn = session();
  const VERIFY = "POST /auth/v1/mfa/verify";
  const backend = site({
    [VERIFY]: () => {
      throw new TypeError("connection lost");
    },
    [TOKEN]: () => Response.json(session({ verifiedAt: 1000 })),
  });
  const client = clientOf(backend, signedIn);
  await client.auth.verifyMfa({ code: "123456" });
  const { data } = await client.auth.refreshSession();
  expect(data.session).toBeTruthy();
  const [verified] = backend.of(VERIFY);
  const [refreshed] = backend.of(TOKEN);
  expect(verified!.headers.get("Idempotency-Key")).toBeTruthy();
  expect(refreshed!.headers.get("Idempotency-Key")).toBe(verified!.headers.get("Idempotency-Key"));
});

test("nobody who is not signed in has a name", async () => {
  const SIGN_IN = "POST /auth/v1/token?grant_type=password";
  const backend = site({ [SIGN_IN]: () => Response.json(session()) });
  await clientOf(backend, null).auth.signInWithPassword({ email: "ada@example.com", password: "p" });
  expect(backend.of(SIGN_IN)[0]!.headers.has("Idempotency-Key")).toBe(false);
});

test("a refusal of anything but a refresh ends no session", async () => {
  const SIGN_IN = "POST /auth/v1/token?grant_type=password";
  const wrong = { code: "invalid_credentials", message: "Invalid login credentials" };
  const backend = site({ [SIGN_IN]: () => Response.json(wrong, { status: 400 }) });
  const client = clientOf(backend, session());
  await client.auth.signInWithPassword({ email: "ada@example.com", password: "p" });
  await client.auth.getUser(); // after whatever was begun before
  expect(backend.of("GET /auth/v1/user")).toHaveLength(1);
});
