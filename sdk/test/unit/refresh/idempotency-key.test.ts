import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { clientOf, memory, site } from "../support/site.js";
import { session } from "../support/tokens.js";

const TOKEN = "POST /auth/v1/token?grant_type=refresh_token";
const DEVICE = "lingauth-shop-device";

/** The name that a client of this storage gives to the trade of a token. */
async function nameOf(token: string, storage: ReturnType<typeof memory>) {
  const backend = site({ [TOKEN]: () => Response.json(session()) });
  await clientOf(backend, null, { storage }).auth.refreshSession({ refresh_token: token });
  return backend.of(TOKEN)[0]?.headers.get("Idempotency-Key");
}

test("a refresh is named after the device's secret and the token", async () => {
  const storage = memory();
  const name = await nameOf("token", storage);
  const secret = storage.items[DEVICE]!;
  expect(Buffer.from(secret, "base64")).toHaveLength(32);
  expect(name).toBe(createHash("sha256").update(`${secret}token`).digest("base64"));
});

test("a second try of the same token has the same name, a second tab too", async () => {
  const storage = memory();
  expect(await nameOf("token", storage)).toBe(await nameOf("token", storage));
});

test("another token has another name, and so has the same one on another device", async () => {
  const storage = memory();
  const name = await nameOf("token", storage);
  expect(await nameOf("other", storage)).not.toBe(name);
  expect(await nameOf("token", memory())).not.toBe(name);
});

test("nothing else has a name", async () => {
  const backend = site({ "POST /auth/v1/token?grant_type=password": () => Response.json(session()) });
  await clientOf(backend, null).auth.signInWithPassword({ email: "a@b.c", password: "p" });
  expect(backend.calls[0]?.headers.has("Idempotency-Key")).toBe(false);
});

test("the secret is there from the sign-in on, before many tabs need it at once", async () => {
  const storage = memory();
  const backend = site({ "POST /auth/v1/token?grant_type=password": () => Response.json(session()) });
  const client = clientOf(backend, null, { storage });
  await client.auth.signInWithPassword({ email: "a@b.c", password: "p" });
  const secret = storage.items[DEVICE];
  expect(secret).toBeTruthy();
  await client.auth.refreshSession({ refresh_token: "token" });
  expect(storage.items[DEVICE]).toBe(secret);
});

test("the secret outlives the session", async () => {
  const storage = memory();
  await nameOf("token", storage);
  const secret = storage.items[DEVICE];
  const backend = site({ "POST /auth/v1/logout?scope=global": () => new Response(null, { status: 204 }) });
  await clientOf(backend, null, { storage }).auth.signOut();
  expect(storage.items[DEVICE]).toBe(secret);
});

test("without WebCrypto the name is the secret, which a thief of the token does not have", async () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const storage = memory();
  const name = await nameOf("token", storage);
  expect(name).toBe(storage.items[DEVICE]);
  expect(await nameOf("token", storage)).toBe(name);
});

test("without any randomness a refresh goes without a name", async () => {
  vi.stubGlobal("crypto", undefined);
  expect(await nameOf("token", memory())).toBeNull();
});

test("a storage that fails costs the name, and not the refresh", async () => {
  const storage = memory();
  const { getItem } = storage;
  storage.getItem = (key) => {
    if (key === DEVICE) throw new Error("locked");
    return getItem(key);
  };
  expect(await nameOf("token", storage)).toBeNull();
});
