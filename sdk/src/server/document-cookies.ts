import { readCookie, writeCookie, type Cookies } from "./cookies.js";

/**
 * The page's own cookies. Where there is no document there are none, so that a module which makes a
 * client of them may be loaded while a page is rendered on a server.
 */
export const documentCookies: Cookies = {
  get: (name) => (typeof document === "undefined" ? undefined : readCookie(document.cookie, name)),
  set: (name, value, attributes) => {
    if (typeof document !== "undefined") document.cookie = writeCookie(name, value, attributes);
  },
};
