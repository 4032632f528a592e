import type { GoTrueClient } from "@supabase/auth-js";
import { claimsOf } from "../auth/claims.js";
import { isMfaRequired, type MfaRequiredError } from "../errors.js";
import type { Refused } from "../refresh/session-end.js";
import type { StepUps } from "../step-up/step-ups.js";

type Parts = {
  auth: GoTrueClient;
  anonKey: string;
  send: typeof fetch;
  stepUps: StepUps | null;
  retry: boolean;
  refused: Refused;
};

/** A fetch with the key and the session's token, whose refused calls wait for the step-up. */
export function authorizedFetch(parts: Parts): typeof fetch {
  const { auth, anonKey, send, stepUps, retry, refused } = parts;
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("apikey", anonKey);
    const sendAs = (token?: string) => {
      if (token) headers.set("Authorization", `Bearer ${token}`);
      return send(input, { ...init, headers: Object.fromEntries(headers) });
    };
    if (headers.has("Authorization")) return sendAs();

    const { data, error } = await auth.getSession();
    if (error) return unauthorized(error); // rather than as nobody, which would be another question
    const token = data.session?.access_token;
    const response = await sendAs(token);
    if (!token || response.status !== 403) return response;

    const refusal: unknown = await response.clone().json().catch(() => null);
    if ((refusal as { code?: string } | null)?.code === "session_not_found") {
      void refused(response.clone());
    }
    if (!isMfaRequired(refusal) || !stepUps) return response;
    if (!(await stepUps.join(refusal, token))) return cancelled(refusal, response);
    if (!retry || isStream(init?.body)) return response;
    const again = (await auth.getSession()).data.session?.access_token;
    const isSamePerson = again && claimsOf(again).sub === claimsOf(token).sub;
    return isSamePerson ? sendAs(again) : response;
  };
}

function unauthorized({ code, message }: { code?: string | undefined; message: string }): Response {
  return new Response(JSON.stringify({ code, message }), { status: 401 });
}

function cancelled(refusal: MfaRequiredError, { status, headers }: Response): Response {
  const details = { ...refusal.details, cancelled: true };
  return new Response(JSON.stringify({ ...refusal, details }), { status, headers });
}

/** What is gone once it was sent. */
function isStream(body: unknown): boolean {
  return typeof body === "object" && body !== null && ("getReader" in body || Symbol.asyncIterator in body);
}
