import { readCookie, writeCookie, type Cookies } from "./cookies.js";

/** The cookies of one request, and the headers that its answer has to carry. */
export type CookieJar = Required<Cookies> & {
  /** One `Set-Cookie` for each cookie that was set, and then `Cache-Control: private, no-store`. */
  headers(): [name: string, value: string][];
};

/**
 * Cookies for servers without a way of their own: plain Node, edge runtimes, Remix.
 *
 * @param header The request's `Cookie` header, if it has one.
 */
export function cookieJar(header: string | null | undefined): CookieJar {
  const lines = new Map<string, string>();
  return {
    get: (name) => readCookie(header ?? "", name),
    set: (name, value, attributes) => lines.set(name, writeCookie(name, value, attributes)),
    headers: () => [
      ...Array.from(lines.values(), (line): [string, string] => ["Set-Cookie", line]),
      // A cache that kept the answer would hand the session on to the next visitor.
      ...(lines.size ? [["Cache-Control", "private, no-store"] satisfies [string, string]] : []),
    ],
  };
}
