import type { Factor as AuthFactor, GoTrueClient } from "@supabase/auth-js";
import type { Result } from "../result.js";
import { answer } from "./answer.js";

/** An authenticator, to choose one by. */
export type Factor = {
  id: string;
  /** What the person calls it; may be empty. */
  name: string;
};

/** An authenticator app of the account. */
export type MfaFactor = Factor & {
  /** False while its set-up is not finished. */
  verified: boolean;
  /** RFC 3339. */
  createdAt: string;
};

export function factor({ id, friendly_name }: AuthFactor): Factor {
  return { id, name: friendly_name ?? "" };
}

export function mfaFactor(row: AuthFactor): MfaFactor {
  return { ...factor(row), verified: row.status === "verified", createdAt: row.created_at };
}

export function listMfaFactors(auth: GoTrueClient): Promise<Result<{ factors: MfaFactor[] }>> {
  return answer(auth.mfa.listFactors(), ({ all }) => ({
    factors: all.filter((row) => row.factor_type === "totp").map(mfaFactor),
  }));
}

export async function unenrollMfa(auth: GoTrueClient, factorId: string): Promise<Result<null>> {
  const removed = await answer(auth.mfa.unenroll({ factorId }), () => null);
  if (!removed.error) await auth.refreshSession();
  return removed;
}
