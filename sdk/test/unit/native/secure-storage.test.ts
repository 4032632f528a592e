import { expect, test } from "vitest";
import { secureStorage, type SecureStore } from "../../../src/native/secure-storage.js";

const KEY = "shop";
const long = (letter: string) => JSON.stringify(letter.repeat(5000));

/** A keychain with the limits of the real one, which can be ended before its n-th write. */
function keychain() {
  const held = new Map<string, string>();
  const chain = {
    held,
    writesLeft: Infinity,
    async getItemAsync(key: string) {
      return held.get(key) ?? null;
    },
    async setItemAsync(key: string, value: string) {
      if (!/^[\w.-]+$/.test(key)) throw new Error(`Invalid key ${key}`);
      if (new TextEncoder().encode(value).length > 2048) throw new Error("Too long");
      if ((chain.writesLeft -= 1) < 0) throw new Error("The app was ended");
      held.set(key, value);
    },
    async deleteItemAsync(key: string) {
      held.delete(key);
    },
  };
  return chain satisfies SecureStore & object;
}

test.each(["{}", long("x"), JSON.stringify("Zoë 100% 🎉".repeat(700))])(
  "what was stored is read again",
  async (value) => {
    const storage = secureStorage(keychain());
    expect(await storage.getItem(KEY)).toBeNull();
    await storage.setItem(KEY, value);
    expect(await storage.getItem(KEY)).toBe(value);
    await storage.setItem(KEY, value);
    expect(await storage.getItem(KEY)).toBe(value);
  },
);

test("removing leaves nothing, nor does a shorter value leave some of the longer one", async () => {
  const store = keychain();
  const storage = secureStorage(store);
  await storage.setItem(KEY, long("x"));
  await storage.setItem(KEY, "{}");
  expect(store.held.size).toBe(1);
  await storage.setItem(KEY, long("x"));
  await storage.removeItem(KEY);
  expect(store.held.size).toBe(0);
});

test.each([0, 1, 2])("an app that is ended after %i writes finds the old value", async (writes) => {
  const store = keychain();
  await secureStorage(store).setItem(KEY, long("a"));
  store.writesLeft = writes;
  await expect(secureStorage(store).setItem(KEY, long("b"))).rejects.toThrow("ended");
  store.writesLeft = Infinity;
  expect(await secureStorage(store).getItem(KEY)).toBe(long("a"));
});

test("who reads beside a write gets the old value or the new one", async () => {
  const store = keychain();
  const storage = secureStorage(store);
  await storage.setItem(KEY, long("a"));
  const { getItemAsync } = store;
  store.getItemAsync = async (key) => {
    for (let turn = 0; turn < 50; turn += 1) await null; // a write overtakes
    return getItemAsync(key);
  };
  const write = storage.setItem(KEY, long("b"));
  const reads = await Promise.all([storage.getItem(KEY), storage.getItem(KEY)]);
  await write;
  for (const read of reads) expect([long("a"), long("b")]).toContain(read);
});

test("a failure is told to its caller, and the next call goes on", async () => {
  const store = keychain();
  const storage = secureStorage(store);
  store.writesLeft = 0;
  const failed = expect(storage.setItem(KEY, "{}")).rejects.toThrow("ended");
  const read = storage.getItem(KEY);
  await failed;
  expect(await read).toBeNull();
});
