import { withHeaders } from "../headers.js";
import type { Refused } from "./session-end.js";

/** A fetch for auth-js: each refresh has its name, and what refuses one is handed on. */
export function refreshingFetch(
  send: typeof fetch,
  keyOf: (token: string) => Promise<string>,
  refused: Refused,
): typeof fetch {
  return async (input, init) => {
    const { href } = new URL(input as string);
    if (!href.endsWith("=refresh_token")) return send(href, init);
    // A storage that fails costs the right to try again, and not the refresh.
    const key = await keyOf(JSON.parse(init?.body as string).refresh_token).catch(() => null);
    const name = key ? { "idempotency-key": key } : {};
    const response = await send(href, withHeaders(init, name));
    // First: auth-js signs out as soon as it has read the answer, and somebody has to be listening.
    if (response.status === 400) await response.clone().json().then(refused, () => {});
    return response;
  };
}
