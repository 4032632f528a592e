import type { GoTrueClient } from "@supabase/auth-js";
import type { Result } from "../result.js";
import { answer } from "./answer.js";
import { claimsOf, verifiedAt } from "./claims.js";

/** `aal1` after a sign-in, `aal2` once a factor was verified in this session. */
export type Level = "aal1" | "aal2";

/**
 * How the session stands, by its token and the user stored with it. The server is not asked, so it
 * does not tell whether the backend requires a second step, what another device has set up or removed
 * since the last refresh, or that the session was ended.
 */
export type MfaStatus = {
  /** Null if nobody is signed in. */
  level: Level | null;
  /** Whether the account has a verified factor. */
  enrolled: boolean;
  /** When the second step was taken, in Unix seconds; null at `aal1`. */
  verifiedAt: number | null;
  /** The step that leads to `aal2`; null if the session is there, or if there is none. */
  next: "enroll" | "challenge" | null;
};

export function mfaStatus(auth: GoTrueClient): Promise<Result<MfaStatus>> {
  return answer(auth.getSession(), ({ session }) => {
    if (!session) return { level: null, enrolled: false, verifiedAt: null, next: null };
    const claims = claimsOf(session.access_token);
    const enrolled = !!session.user.factors?.some(({ status }) => status === "verified");
    const next = claims.aal === "aal2" ? null : enrolled ? "challenge" : "enroll";
    return { level: claims.aal, enrolled, verifiedAt: verifiedAt(claims) || null, next };
  });
}
