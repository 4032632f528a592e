import type { GoTrueClient } from "@supabase/auth-js";
import { withHeaders } from "../headers.js";
import { deviceKeyOf } from "../storage-key.js";
import { deviceSecret } from "./device-secret.js";
import { idempotencyKey } from "./idempotency-key.js";
import type { Refused } from "./session-end.js";

/** A fetch for auth-js: each refresh has its name, and what refuses one is handed on. */
export function refreshingFetch(
  send: typeof fetch,
  auth: () => GoTrueClient,
  storageKey: string,
  refused: Refused,
): typeof fetch {
  let own: string;
  return async (input, init) => {
    const { href } = new URL(input as string);
    const storage = auth()["storage"];
    // Made when somebody signs in: tabs that wake at once do not see yet what another has just stored.
    // A storage that fails costs the right to try again, and not the call.
    const secret = await deviceSecret(storage, deviceKeyOf(storageKey)).catch(() => {});
    const refreshes = href.endsWith("=refresh_token");
    const stored = await storage.getItem(storageKey);
    const { refresh_token: token } = JSON.parse(refreshes ? (init!.body as string) : stored || "{}");

    // auth-js tries again what had no answer. If a code was verified meanwhile, or another tab went on,
    // the old token would look like a thief's: the session that is stored is the answer.
    if (stored?.includes(token)) own = token;
    else if (refreshes && own === token) return new Response(stored);

    // Named, too, is what may replace the token: should its answer be lost, the next refresh gets it.
    const name = secret && token && { "idempotency-key": await idempotencyKey(secret, token) };
    const response = await send(href, withHeaders(init, name));
    // First: auth-js signs out as soon as it has read the answer, and somebody has to be listening.
    if (refreshes && response.status === 400) await response.clone().json().then(refused, () => {});
    return response;
  };
}
