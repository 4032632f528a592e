import type { CookieAttributes, Cookies } from "../../../src/server/cookies.js";

/** A browser's cookies, as a framework hands them to a request. */
export function memoryCookies(held: Record<string, string> = {}) {
  const jar = new Map(Object.entries(held));
  const sent: { name: string; value: string; attributes: CookieAttributes }[] = [];
  const cookies: Required<Cookies> = {
    get: (name) => jar.get(name),
    set(name, value, attributes) {
      sent.push({ name, value, attributes });
      if (attributes.maxAge > 0) jar.set(name, value);
      else jar.delete(name);
    },
  };
  return { cookies, jar, sent };
}
