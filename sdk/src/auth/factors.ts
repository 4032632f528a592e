import type { Factor as AuthFactor } from "@supabase/auth-js";
import type { Factor } from "./types.js";

/** The authenticator apps among an account's factors. */
export function authenticators(factors: AuthFactor[] = []): Factor[] {
  return factors
    .filter(({ factor_type }) => factor_type === "totp")
    .map((factor) => ({ ...factor, name: factor.friendly_name ?? "" }));
}
