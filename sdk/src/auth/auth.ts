import type { GoTrueClient } from "@supabase/auth-js";
import type { Request } from "../data/request.js";
import type { Result } from "../result.js";
import { challengeMfa, type Challenge } from "./challenge.js";
import { enrollMfa, type Enrollment, type EnrollParams } from "./enroll.js";
import { listMfaFactors, unenrollMfa, type MfaFactor } from "./factors.js";
import { recoveryCodes, type RecoveryCodes } from "./recovery-codes.js";
import { listSessions, revokeSession, type OpenSession } from "./sessions.js";
import { mfaStatus, type MfaStatus } from "./status.js";
import { verifyMfa, verifyRecoveryCode, type Verified, type VerifyParams } from "./verify.js";

/** `client.auth`: all of auth-js's `AuthClient`, untouched, and what LingAuth adds to it. */
export type Auth = GoTrueClient & AuthAdditions;

/** What LingAuth adds to `AuthClient`. None of these calls rejects. */
export type AuthAdditions = {
  /**
   * Begin to set up an authenticator app. It counts once a code of it was verified with `verifyMfa`,
   * within 15 minutes. A further one needs a session at `aal2`: `insufficient_aal`.
   */
  enrollMfa(params?: EnrollParams): Promise<Result<Enrollment>>;
  /**
   * See the account's verified authenticators, and open a challenge for one: the named one, else the
   * first. Without any: `mfa_factor_not_found`. `verifyMfa` needs no challenge.
   */
  challengeMfa(params?: { factorId?: string }): Promise<Result<Challenge>>;
  /**
   * Give a code of an authenticator: it finishes a set-up, and the session is at `aal2`. Without
   * `factorId` the code may be of this session's unfinished set-up or of any verified authenticator.
   * `mfa_verification_failed` for a wrong, old or used code; `over_request_rate_limit` after five.
   */
  verifyMfa(params: VerifyParams): Promise<Result<Verified>>;
  /** Give a recovery code instead: the session is at `aal2`. Each works once. */
  verifyRecoveryCode(params: { code: string }): Promise<Result<Verified>>;
  recoveryCodes: RecoveryCodes;
  /**
   * Remove an authenticator, and refresh the session, whose level may have ended with it. A verified
   * one can be removed only at `aal2`: `insufficient_aal`.
   */
  unenrollMfa(params: { factorId: string }): Promise<Result<null>>;
  /** The account's authenticator apps, verified or not yet. */
  listMfaFactors(): Promise<Result<{ factors: MfaFactor[] }>>;
  /** How this session stands, read of what is stored: see {@link MfaStatus}. */
  mfaStatus(): Promise<Result<MfaStatus>>;
  /** The account's open sessions, newest first. */
  listSessions(): Promise<Result<{ sessions: OpenSession[] }>>;
  /** End one of the account's sessions; for this one there is `signOut`. */
  revokeSession(id: string): Promise<Result<null>>;
};

export function additions(auth: GoTrueClient, request: Request): AuthAdditions {
  return {
    enrollMfa: (params) => enrollMfa(auth, params),
    challengeMfa: (params) => challengeMfa(auth, params),
    verifyMfa: (params) => verifyMfa(auth, params),
    verifyRecoveryCode: ({ code }) => verifyRecoveryCode(auth, code),
    recoveryCodes: recoveryCodes(auth),
    unenrollMfa: ({ factorId }) => unenrollMfa(auth, factorId),
    listMfaFactors: () => listMfaFactors(auth),
    mfaStatus: () => mfaStatus(auth),
    listSessions: () => listSessions(request),
    revokeSession: (id) => revokeSession(request, id),
  };
}
