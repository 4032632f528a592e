import type { SupportedStorage } from "@supabase/auth-js";
import { base64url } from "./base64url.js";

/**
 * This device's secret: 32 random bytes, made at first use and kept, also at sign-out. All that use
 * the storage agree on it: what is stored is preferred to what was made, and read again each time.
 */
export async function deviceSecret(storage: SupportedStorage, name: string): Promise<string> {
  const stored = async () => (await storage.getItem(name)) ?? "";
  const made = async () => {
    if (!(await stored())) {
      await storage.setItem(name, base64url(crypto.getRandomValues(new Uint8Array(32))));
    }
    return stored();
  };
  return (await stored()) || oneByOne(storage, name, made);
}

const turns = new WeakMap<SupportedStorage, Promise<unknown>>();

/** One at a time: of all tabs where there are locks, and elsewhere of what shares the storage here. */
function oneByOne<T>(storage: SupportedStorage, name: string, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks as LockManager | undefined; // not on plain http
  if (locks) return locks.request(name, work);
  const turn = (turns.get(storage) ?? Promise.resolve()).then(work, work);
  turns.set(storage, turn);
  return turn;
}
