import type { User } from "@supabase/auth-js";
import type { Factor } from "./types.js";

/** A person's verified authenticator apps. */
export function authenticators({ factors = [] }: Pick<User, "factors">): { factors: Factor[] } {
  return {
    factors: factors
      .filter((factor) => factor.factor_type === "totp" && factor.status === "verified")
      .map((factor) => ({ ...factor, name: factor.friendly_name ?? "" })),
  };
}
