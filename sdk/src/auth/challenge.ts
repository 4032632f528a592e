import type { GoTrueClient } from "@supabase/auth-js";
import { ApiError } from "../errors.js";
import type { Result } from "../result.js";
import { answer } from "./answer.js";
import { factor, type Factor } from "./factors.js";

/** An open challenge. */
export type Challenge = {
  /** The account's verified authenticators. */
  factors: Factor[];
  /** The one that is asked. */
  factorId: string;
  challengeId: string;
  /** Unix seconds. */
  expiresAt: number;
};

export async function challengeMfa(
  auth: GoTrueClient,
  named: { factorId?: string } = {},
): Promise<Result<Challenge>> {
  const listed = await answer(auth.mfa.listFactors(), ({ totp }) => totp.map(factor));
  if (listed.error) return listed;
  const factors = listed.data;
  const factorId = named.factorId ?? factors[0]?.id;
  if (!factorId) {
    const code = "mfa_factor_not_found";
    return { data: null, error: new ApiError("There is no factor. Enroll one first.", { code }) };
  }
  return answer(auth.mfa.challenge({ factorId }), ({ id, expires_at }) => ({
    factors,
    factorId,
    challengeId: id,
    expiresAt: expires_at,
  }));
}
