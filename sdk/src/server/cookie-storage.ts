import type { SupportedStorage } from "@supabase/auth-js";
import { countOfPieces, fromPieces, toPieces } from "../storage/pieces.js";
import { decode, encode } from "./base64url.js";
import { attributesOf, prefixOf, type CookieOptions, type Cookies } from "./cookies.js";

/** Characters of a value. Browsers take 4096 bytes with the name; older ones count attributes too. */
const SIZE = 3500;

/** More would not pass the limits that servers and proxies put on a request's headers. */
const MOST = 4;

/**
 * A client's `storage` in cookies, one for each item or several for a long one. Nothing is set for
 * visitors who have no session. `setItem` rejects an item of more than 10 KB.
 */
export function cookieStorage(cookies: Cookies, options: CookieOptions = {}): SupportedStorage {
  const attributes = attributesOf(options);
  const nameOf = (key: string, index = 0) => prefixOf(attributes) + key + (index ? `.${index}` : "");
  const countNow = async (key: string) => {
    const first = await cookies.get(nameOf(key));
    return Math.min(first ? Math.max(1, countOfPieces(first)) : 0, MOST);
  };

  /** Without a pause between two of them, so that nobody reads half of a new value. */
  const write = (key: string, pieces: readonly string[], before: number) =>
    Promise.all(
      Array.from({ length: Math.max(pieces.length, before) }, (_, index) => {
        const piece = pieces[index];
        return piece === undefined
          ? cookies.set?.(nameOf(key, index), "", { ...attributes, maxAge: 0 })
          : cookies.set?.(nameOf(key, index), piece, attributes);
      }),
    );

  return {
    async getItem(key) {
      const count = await countNow(key);
      const names = Array.from({ length: count }, (_, index) => nameOf(key, index));
      const whole = fromPieces(await Promise.all(names.map((name) => cookies.get(name))));
      return whole === null ? null : decode(whole);
    },
    async setItem(key, value) {
      const pieces = toPieces(encode(value), SIZE);
      if (pieces.length > MOST) {
        throw new Error(`${value.length} characters are too many for cookies (${key}).`);
      }
      await write(key, pieces, await countNow(key));
    },
    async removeItem(key) {
      await write(key, [], await countNow(key));
    },
  };
}
