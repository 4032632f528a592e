import { readCookie, writeCookie, type Cookies } from "./cookies.js";

/**
 * The page's own cookies, for a client in the browser that shares its session with the server:
 * `createClient(url, anonKey, { storage: cookieStorage(documentCookies, { httpOnly: false }) })`, and
 * the same options for the server's client. Where there is no document there are no cookies, so a
 * module that makes such a client may be loaded while a page is rendered on a server.
 */
export const documentCookies: Cookies = {
  get: (name) => (typeof document === "undefined" ? undefined : readCookie(document.cookie, name)),
  set: (name, value, attributes) => {
    if (typeof document !== "undefined") document.cookie = writeCookie(name, value, attributes);
  },
};
