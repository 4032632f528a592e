import type { Cookies } from "./cookies.js";

/** The same cookies, in which one finds what one has set: a request's do not change by its answer. */
export function withMemory(cookies: Cookies): Required<Cookies> {
  const written = new Map<string, string>();
  return {
    get: (name) => written.get(name) ?? cookies.get(name),
    set(name, value, attributes) {
      written.set(name, value);
      return cookies.set?.(name, value, attributes);
    },
  };
}
