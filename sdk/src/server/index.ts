export {
  createBrowserClient,
  createServerClient,
  type BrowserOptions,
  type ServerOptions,
} from "./client.js";
export type { CookieAttributes, CookieOptions, Cookies } from "./cookies.js";
export { requireSession, type Requirement, type Visitor } from "./guard.js";
export { hostedStepUp } from "./hosted-step-up.js";
export { cookieJar, type CookieJar } from "./jar.js";
export { localPath } from "./local-path.js";
