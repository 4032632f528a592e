import type { Refused } from "./session-end.js";

/** A fetch for auth-js: each refresh has its name, and what refuses one is handed on. */
export function refreshingFetch(
  send: typeof fetch,
  keyOf: (token: string) => Promise<string>,
  refused: Refused,
): typeof fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    if (url.searchParams.get("grant_type") !== "refresh_token") return send(url.href, init);
    const headers = new Headers(init?.headers);
    const { refresh_token: token } = JSON.parse(String(init?.body));
    // A storage that fails costs the right to try again, and not the refresh.
    const key = await keyOf(token).catch(() => null);
    if (key) headers.set("Idempotency-Key", `"${key}"`);
    const response = await send(url.href, { ...init, headers: Object.fromEntries(headers) });
    if (response.status >= 400 && response.status < 500) void refused(response.clone());
    return response;
  };
}
