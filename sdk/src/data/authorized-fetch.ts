import type { GoTrueClient } from "@supabase/auth-js";
import { isMfaRequired } from "../errors.js";
import { withHeaders } from "../headers.js";
import type { Refused } from "../refresh/session-end.js";
import type { Join } from "../step-up/step-ups.js";

/** A fetch with the key and the session's token, whose refused calls wait for the step-up. */
export function authorizedFetch(
  send: typeof fetch,
  apikey: string,
  auth: GoTrueClient,
  refused: Refused,
  join: Join | undefined,
  retry = true,
): typeof fetch {
  return async (input, init) => {
    const sendAs = (token: string | undefined) =>
      send(input, withHeaders(init, token ? { apikey, authorization: `Bearer ${token}` } : { apikey }));

    const { data, error } = await auth.getSession();
    // Not as nobody: that would be another question.
    if (error) return refusedHere(error);
    const token = data.session?.access_token;
    const response = await sendAs(token);
    if (!token || response.ok) return response;

    const refusal = await response.clone().json().catch(() => ({}));
    if (response.status === 401) refused(refusal);
    if (!join || !isMfaRequired(refusal)) return response;
    const verified = await join(refusal, token);
    if (!verified) {
      return refusedHere({ ...refusal, details: { ...refusal.details, cancelled: true } });
    }
    const isStream = (init?.body as ReadableStream | undefined)?.getReader; // gone once it was sent
    return retry && !isStream ? sendAs(verified) : response;
  };
}

function refusedHere(body: unknown): Response {
  return new Response(JSON.stringify(body), { status: 403 });
}
