import type { SupportedStorage } from "@supabase/auth-js";
import { base64 } from "./base64.js";

/**
 * This device's secret: 32 random bytes, made at the first call of the auth API and kept, also at
 * sign-out. All tabs agree on it: one at a time makes it where there are locks, and what is stored is
 * preferred to what was made.
 */
export async function deviceSecret(storage: SupportedStorage, name: string): Promise<string> {
  const make = async () => {
    const fresh = base64(crypto.getRandomValues(new Uint8Array(32)));
    if (!(await storage.getItem(name))) await storage.setItem(name, fresh);
    return (await storage.getItem(name)) ?? fresh;
  };
  // Plain http has no locks, and Node has no navigator.
  return globalThis.navigator?.locks?.request(name, make) ?? make();
}
