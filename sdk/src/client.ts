import { AuthClient, type GoTrueClient } from "@supabase/auth-js";
import { PostgrestClient } from "@supabase/postgrest-js";
import { additions, type Auth } from "./auth/auth.js";
import { authorizedFetch } from "./data/authorized-fetch.js";
import { requests, type Request } from "./data/request.js";
import type { Options } from "./options.js";
import { idempotencyKey } from "./refresh/idempotency-key.js";
import { refreshingFetch } from "./refresh/refreshing-fetch.js";
import { sessionEnd } from "./refresh/session-end.js";
import { leaveFor } from "./step-up/redirect.js";
import { stepUps } from "./step-up/step-ups.js";
import { deviceKeyOf, storageKeyOf } from "./storage-key.js";

/** A client of one backend. `Database` describes its tables, in the form of `@supabase/postgrest-js`. */
// eslint-disable-next-line: `any` is postgrest-js's own word for rows of every shape.
export type Client<Database = any> = {
  auth: Auth;
  /** Read and write rows, with the builders of `@supabase/postgrest-js`. */
  from: PostgrestClient<Database>["from"];
  /**
   * Call any path of the backend's site, such as a view of your own, with this session and the same
   * step-up: from `/` on, or else below the backend's address. Plain objects and arrays are sent as
   * JSON, other bodies as `fetch` sends them. JSON that comes back is parsed.
   */
  request: Request;
  /** Stop refreshing and listening, and cancel an open step-up. */
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
  const storageKey = options.storageKey ?? storageKeyOf(base);
  const send: typeof fetch = (...call) => (options.fetch ?? fetch)(...call);

  const refused = sessionEnd(() => auth, options.onSessionEnded);
  const keyOf = (token: string) => idempotencyKey(auth["storage"], deviceKeyOf(storageKey), token);
  const auth: GoTrueClient = new AuthClient({
    flowType: "pkce",
    ...options.auth,
    ...(options.storage && { storage: options.storage }),
    url: `${base}/auth/v1`,
    headers: { ...options.auth?.headers, apikey: anonKey },
    experimental: { ...options.auth?.experimental, recoveryCodes: true },
    storageKey,
    fetch: refreshingFetch(send, keyOf, refused),
  });

  const ask = options.onMfaRequired ?? (options.mfaRedirect && leaveFor(options.mfaRedirect));
  const steps = ask ? stepUps(auth, ask, options.stepUpTimeout ?? 300_000) : null;
  const retry = options.retryAfterStepUp ?? true;
  const authorized = authorizedFetch({ auth, anonKey, send, stepUps: steps, retry, refused });
  const rows = new PostgrestClient<Database>(`${base}/rest/v1`, { fetch: authorized });
  const request = requests(base, authorized);

  return {
    auth: Object.assign(auth, additions(auth, request)),
    from: rows.from.bind(rows) as PostgrestClient<Database>["from"],
    request,
    dispose: () => {
      steps?.cancel();
      return auth.dispose();
    },
  };
}
