import { AuthRetryableFetchError, AuthInvalidJwtError, type AuthError } from "@supabase/auth-js";
import { expect, test } from "vitest";
import { requireSession } from "../../../src/server/guard.js";

const PAGES = { here: "/notes?of=me", signIn: "/sign-in", stepUp: "/verify?lang=en" };

function visitor(claims: { aal: string } | null, error: AuthError | null = null) {
  const getClaims = async () => ({ data: claims && { claims }, error });
  return { auth: { getClaims } } as unknown as Parameters<typeof requireSession>[0];
}

test("nobody is sent to sign in, and back", async () => {
  const { location } = await requireSession(visitor(null), PAGES);
  expect(location).toBe("/sign-in?next=%2Fnotes%3Fof%3Dme");
});

test("a token that does not verify is nobody's", async () => {
  const forged = visitor(null, new AuthInvalidJwtError("Invalid JWT signature"));
  expect((await requireSession(forged, PAGES)).location).toMatch(/^\/sign-in\?/);
});

test("a session without a second step is sent to it, only where the page asks for it", async () => {
  const person = visitor({ aal: "aal1" });
  const { location } = await requireSession(person, { ...PAGES, level: "aal2" });
  expect(location).toBe("/verify?lang=en&next=%2Fnotes%3Fof%3Dme");
  expect(await requireSession(person, PAGES)).toEqual({ claims: { aal: "aal1" }, location: null });
});

test("a session with one goes on", async () => {
  const found = await requireSession(visitor({ aal: "aal2" }), { ...PAGES, level: "aal2" });
  expect(found).toEqual({ claims: { aal: "aal2" }, location: null });
});

test("a backend that cannot be reached signs nobody out", async () => {
  const away = visitor(null, new AuthRetryableFetchError("fetch failed", 0));
  await expect(requireSession(away, PAGES)).rejects.toThrow("fetch failed");
});
