import { createClient, type Client, type Options } from "../index.js";
import { storageKeyOf } from "../storage-key.js";
import { cookieStorage } from "./cookie-storage.js";
import type { CookieOptions, Cookies } from "./cookies.js";
import { documentCookies } from "./document-cookies.js";
import { withDeviceSecret } from "./with-device-secret.js";
import { withMemory } from "./with-memory.js";

/** The options of a client that lives for one request. */
export type ServerOptions = Pick<Options, "auth" | "fetch" | "onSessionEnded" | "storageKey"> & {
  /** The cookies of this request. */
  cookies: Cookies;
  /** How the session's cookies are set: the same in all clients of an app. */
  cookie?: CookieOptions;
};

/**
 * Make a client for one request; never keep it for the next, which is somebody else's. Its session is
 * in the request's cookies. Calls that the backend refuses with `mfa_required` are answered so: send
 * the person to your page for the second step.
 *
 * @param url the backend's address, such as `https://id.example.com/b/shop`
 * @param anonKey its public key
 */
export function createServerClient<Database = any>(
  url: string,
  anonKey: string,
  { cookies, cookie, ...options }: ServerOptions,
): Client<Database> {
  const storageKey = options.storageKey ?? storageKeyOf(url);
  const storage = cookieStorage(withMemory(cookies), cookie);
  return createClient<Database>(url, anonKey, {
    ...options,
    storageKey,
    // auth-js warns who trusts the user in a session that came with the request.
    storage: { ...withDeviceSecret(storage, storageKey, !cookies.set), isServer: true },
    auth: {
      ...options.auth,
      autoRefreshToken: false,
      // A request that asks for nobody's session reads none and refreshes none.
      skipAutoInitialize: true,
    },
  });
}

/** The options of a client in the browser whose session the server uses too. */
export type BrowserOptions = Omit<Options, "storage"> & {
  /** How the session's cookies are set: the same in all clients of an app. */
  cookie?: Omit<CookieOptions, "httpOnly">;
};

/**
 * Make the client of a page whose session the server reads as well. Scripts can read these cookies,
 * so give `createServerClient` the option `cookie: { httpOnly: false }`.
 *
 * @param url the backend's address, such as `https://id.example.com/b/shop`
 * @param anonKey its public key
 */
export function createBrowserClient<Database = any>(
  url: string,
  anonKey: string,
  { cookie, ...options }: BrowserOptions = {},
): Client<Database> {
  const storageKey = options.storageKey ?? storageKeyOf(url);
  const storage = cookieStorage(documentCookies, { ...cookie, httpOnly: false });
  return createClient<Database>(url, anonKey, {
    ...options,
    storageKey,
    storage: withDeviceSecret(storage, storageKey),
  });
}
