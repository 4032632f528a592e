import { AuthClient } from "@supabase/auth-js";
import { expect, test } from "vitest";
import { clientOf, memory, site, URL_OF_SHOP } from "../support/site.js";

const ADDED = [
  "enrollMfa",
  "challengeMfa",
  "verifyMfa",
  "verifyRecoveryCode",
  "recoveryCodes",
  "unenrollMfa",
  "listMfaFactors",
  "mfaStatus",
  "listSessions",
  "revokeSession",
];

/** What an object has itself, and what all before it in its chain have, but for `Object`. */
function namesOf(value: object): string[] {
  if (value === Object.prototype) return [];
  return [...Object.getOwnPropertyNames(value), ...namesOf(Object.getPrototypeOf(value))];
}

const plain = new AuthClient({
  url: `${URL_OF_SHOP}/auth/v1`,
  storage: memory(),
  autoRefreshToken: false,
});
const { auth } = clientOf(site(), null);

test("client.auth is an AuthClient with every method of it as it is", () => {
  expect(auth).toBeInstanceOf(AuthClient);
  const methods = Object.getOwnPropertyNames(AuthClient.prototype);
  expect(methods.length).toBeGreaterThan(50);
  for (const name of methods) {
    expect(Object.getOwnPropertyDescriptor(auth, name), name).toBeUndefined();
  }
  expect(Object.getPrototypeOf(auth)).toBe(AuthClient.prototype);
});

test("what is added has names that AuthClient does not have", () => {
  const taken = new Set(namesOf(plain));
  expect(ADDED.filter((name) => taken.has(name))).toEqual([]);
});

test("nothing else is added", () => {
  const known = new Set(namesOf(plain));
  expect(Object.keys(auth).filter((name) => !known.has(name)).sort()).toEqual([...ADDED].sort());
});

test("the parts of AuthClient have all that they had", () => {
  for (const part of ["mfa", "admin", "oauth", "passkey"] as const) {
    expect(Object.keys(auth[part])).toEqual(Object.keys(plain[part]));
  }
});
