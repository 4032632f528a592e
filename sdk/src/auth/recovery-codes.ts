import type { GoTrueClient } from "@supabase/auth-js";
import type { Result } from "../result.js";
import { answer } from "./answer.js";

/** Single-use codes that stand in for a lost authenticator. Making and removing them needs `aal2`. */
export type RecoveryCodes = {
  /** How many there were and how many are left. Without a set: `mfa_factor_not_found`. */
  status(): Promise<Result<{ total: number; remaining: number }>>;
  /** Make the first set. The codes are shown this once. */
  generate(): Promise<Result<{ codes: string[] }>>;
  /** Make a new set; the old one ends. */
  regenerate(): Promise<Result<{ codes: string[] }>>;
  /** Remove the set. */
  remove(): Promise<Result<null>>;
};

export function recoveryCodes({ mfa: { recoveryCodes: ours } }: GoTrueClient): RecoveryCodes {
  const codes = (data: { codes: string[] }) => ({ codes: data.codes });
  return {
    status: () => answer(ours.getStatus(), ({ total, remaining }) => ({ total, remaining })),
    generate: () => answer(ours.generate(), codes),
    regenerate: () => answer(ours.regenerate(), codes),
    remove: () => answer(ours.unenroll(), () => null),
  };
}
