import type { SupportedStorage } from "@supabase/auth-js";
import { countOfPieces, fromPieces, toPieces } from "../storage/pieces.js";

/** The three functions of `expo-secure-store` that are used; another vault may be given their shape. */
export type SecureStore = {
  getItemAsync(key: string): Promise<string | null>;
  setItemAsync(key: string, value: string): Promise<void>;
  deleteItemAsync(key: string): Promise<void>;
};

/** Characters of a value: the keychain takes 2048 bytes, and a session is longer. */
const SIZE = 1900;

/**
 * A client's `storage` in the keychain of the device, cut to the length that it takes:
 * `createClient(url, anonKey, { storage: secureStorage(SecureStore) })`.
 *
 * A value is written beside the old one and then takes its place in one step, so an app that is ended
 * in between still finds the old one. Use one for a store: its calls take turns.
 */
export function secureStorage(store: SecureStore): SupportedStorage {
  const inTurn = turns();
  const nameOf = (key: string, slot: string, index: number) => `${key}.${slot}${index}`;

  /** What stands under the key itself: the slot that is in use, and its first piece. */
  async function head(key: string) {
    const [, slot, first] = /^([ab]):(.*)$/s.exec((await store.getItemAsync(key)) ?? "") ?? [];
    return { slot: slot ?? "b", first, count: countOfPieces(first) };
  }

  async function forget(key: string, slot: string, count: number) {
    for (let index = 1; index < count; index += 1) {
      await store.deleteItemAsync(nameOf(key, slot, index));
    }
  }

  return {
    getItem: (key) =>
      inTurn(async () => {
        const { slot, first, count } = await head(key);
        const rest = Array.from({ length: Math.max(0, count - 1) }, (_, index) =>
          store.getItemAsync(nameOf(key, slot, index + 1)),
        );
        const whole = fromPieces([first, ...(await Promise.all(rest))]);
        return whole === null ? null : decodeURIComponent(whole);
      }),
    setItem: (key, value) =>
      inTurn(async () => {
        const before = await head(key);
        const slot = before.slot === "a" ? "b" : "a";
        const [first, ...rest] = toPieces(ascii(value), SIZE);
        for (const [index, piece] of rest.entries()) {
          await store.setItemAsync(nameOf(key, slot, index + 1), piece);
        }
        await store.setItemAsync(key, `${slot}:${first}`);
        await forget(key, before.slot, before.count);
      }),
    removeItem: (key) =>
      inTurn(async () => {
        const { slot, count } = await head(key);
        await store.deleteItemAsync(key);
        await forget(key, slot, count);
      }),
  };
}

/** Where characters are bytes. `decodeURIComponent` undoes it. */
function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]|%/gu, encodeURIComponent);
}

/** Runs what it is given one after the other; a failure is its caller's alone. */
function turns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
