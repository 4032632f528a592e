import type { AuthMFAVerifyResponseData, GoTrueClient, Session, User } from "@supabase/auth-js";
import type { Result } from "../result.js";
import { answer } from "./answer.js";

/** `challengeId` counts together with its `factorId`. Spaces in the code do not matter. */
export type VerifyParams = { code: string; factorId?: string; challengeId?: string };

/** The session at `aal2`, stored already. */
export type Verified = { session: Session; user: User };

/** auth-js asks `factors/<id>/verify`: this name makes it `mfa/verify`, which finds the factor. */
const ANY_FACTOR = "../mfa";

export function verifyMfa(
  auth: GoTrueClient,
  { code, factorId, challengeId }: VerifyParams,
): Promise<Result<Verified>> {
  return answer(
    factorId && !challengeId
      ? auth.mfa.challengeAndVerify({ factorId, code })
      : auth.mfa.verify({ factorId: factorId ?? ANY_FACTOR, challengeId: challengeId ?? "", code }),
    verified,
  );
}

export function verifyRecoveryCode(auth: GoTrueClient, code: string): Promise<Result<Verified>> {
  return answer(auth.mfa.recoveryCodes.verify({ code }), verified);
}

/** auth-js has stored the session and told the other tabs. Its type leaves `expires_at` out. */
function verified(data: AuthMFAVerifyResponseData): Verified {
  return { session: data as Session, user: data.user };
}
