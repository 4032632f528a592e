import { AuthClient, type GoTrueClient } from "@supabase/auth-js";
import { PostgrestClient } from "@supabase/postgrest-js";
import { additions } from "./auth/additions.js";
import type { Auth } from "./auth/types.js";
import { authorizedFetch } from "./data/authorized-fetch.js";
import { requests, type Request } from "./data/request.js";
import type { Options } from "./options.js";
import { refreshingFetch } from "./refresh/refreshing-fetch.js";
import { sessionEnd } from "./refresh/session-end.js";
import { stepUps } from "./step-up/step-ups.js";
import { storageKeyOf } from "./storage-key.js";

/** A client of one backend. `Database` describes its tables, in the form of `@supabase/postgrest-js`. */
// `any` is the word of postgrest-js itself for rows of every shape.
export type Client<Database = any> = {
  auth: Auth;
  /**
   * Read and write rows, with the builders of `@supabase/postgrest-js`. A call with `head: true` is
   * refused without a body that says why, and so starts no step-up.
   */
  from: PostgrestClient<Database>["from"];
  /**
   * Call any path of the backend's site, such as a view of your own, with this session and the same
   * step-up: from `/` on, or else below the backend's address. Plain objects and arrays are sent as
   * JSON, other bodies as `fetch` sends them. What comes back is parsed as JSON, and null if it is none.
   */
  request: Request;
  /** Stop refreshing, and listening to other tabs. */
  dispose(): Promise<void>;
};

/**
 * Make the client of a backend, once for an app.
 *
 * @param url the backend's address, such as `https://id.example.com/b/shop`
 * @param anonKey its public key
 */
export function createClient<Database = any>(
  url: string,
  anonKey: string,
  options: Options = {},
): Client<Database> {
  const base = url.replace(/\/+$/, "");
  const { fetch: send = fetch, storageKey = storageKeyOf(url), mfaRedirect } = options;
  const ask =
    options.onMfaRequired ??
    (mfaRedirect &&
      (async (step) =>
        (await import("./step-up/redirect.js")).leaveFor(mfaRedirect, step, auth, request)));

  const refused = sessionEnd(() => auth, options.onSessionEnded);
  const auth: GoTrueClient = new AuthClient({
    flowType: "pkce",
    ...options,
    ...options.auth,
    storageKey,
    url: `${base}/auth/v1`,
    headers: { apikey: anonKey },
    experimental: { recoveryCodes: true },
    fetch: refreshingFetch(send, () => auth, storageKey, refused),
  });

  const join = ask && stepUps(auth, ask, options.stepUpTimeout);
  const authorized = authorizedFetch(send, anonKey, auth, refused, join, options.retryAfterStepUp);
  const rows = new PostgrestClient<Database>(`${base}/rest/v1`, { fetch: authorized });
  const request = requests(base, authorized);

  return {
    auth: Object.assign(auth, additions(auth, request)),
    from: rows.from.bind(rows) as PostgrestClient<Database>["from"],
    request,
    dispose: () => auth.dispose(),
  };
}
