import { isAuthRetryableFetchError, type AuthClient, type JwtPayload } from "@supabase/auth-js";

/** Either the claims of a verified token, or the address to redirect to. */
export type Visitor =
  | { claims: JwtPayload; location: null }
  | { claims: null; location: string };

/** What a page asks of its visitor, and where it sends those who lack it. */
export type Requirement = {
  /** `aal1` (default): signed in. `aal2`: with a second step in this session. */
  level?: "aal1" | "aal2";
  /** The path of the page that is asked for: handed on as `next`. */
  here: string;
  /** Your page for signing in. */
  signIn: string;
  /** Your page for the second step. */
  stepUp: string;
};

/**
 * Who may see a page. Pages redirect where an API would answer 401: a person gets a form to fill in.
 *
 * The token is verified with the backend's public keys, which are kept for ten minutes, so most calls
 * ask nobody. A session that ended elsewhere is therefore noticed when its token expires, after
 * minutes; the data API notices at once. Throws where the backend cannot be reached, for then nobody
 * has been signed out.
 */
export async function requireSession(
  client: { auth: Pick<InstanceType<typeof AuthClient>, "getClaims"> },
  { level = "aal1", here, signIn, stepUp }: Requirement,
): Promise<Visitor> {
  const { data, error } = await client.auth.getClaims();
  if (isAuthRetryableFetchError(error)) throw error;
  const to = (page: string): Visitor => {
    const joint = page.includes("?") ? "&" : "?";
    return { claims: null, location: `${page}${joint}next=${encodeURIComponent(here)}` };
  };
  if (!data) return to(signIn);
  if (level === "aal2" && data.claims.aal !== "aal2") return to(stepUp);
  return { claims: data.claims, location: null };
}
