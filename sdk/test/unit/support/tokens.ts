import type { Session } from "@supabase/auth-js";

type Told = {
  sub?: string;
  /** When they signed in, in Unix seconds. */
  signedInAt?: number;
  /** When the second step was taken, in Unix seconds; at `aal1` if there is none. */
  verifiedAt?: number;
  /** In how many seconds the tokens expire. */
  expiresIn?: number;
  factors?: object[];
};

let made = 0;

/** A session as the server hands it out. Each has tokens of its own. */
export function session(told: Told = {}): Session {
  const { sub = "ada", signedInAt = 1, verifiedAt, expiresIn = 300, factors = [] } = told;
  const now = Math.floor(Date.now() / 1000);
  const signedIn = { method: "password", timestamp: signedInAt };
  const claims = {
    sub,
    jti: (made += 1),
    exp: now + expiresIn,
    aal: verifiedAt ? "aal2" : "aal1",
    amr: verifiedAt ? [{ method: "totp", timestamp: verifiedAt }, signedIn] : [signedIn],
    name: "Ada Ü?>", // characters for which base64url and base64 differ
  };
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return {
    access_token: `eyJhbGciOiJFUzI1NiJ9.${payload}.c2ln`,
    refresh_token: `refresh-${made}`,
    token_type: "bearer",
    expires_in: expiresIn,
    expires_at: now + expiresIn,
    user: { id: sub, factors } as unknown as Session["user"],
  };
}

/** An authenticator as auth-js knows one. */
export function totp(id: string, told: object = {}) {
  return { id, factor_type: "totp", status: "verified", friendly_name: `App ${id}`, ...told };
}
