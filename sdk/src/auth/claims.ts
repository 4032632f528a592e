/** What is read of an access token. The server alone decides by it; here it is a hint. */
export type Claims = { sub: string; aal: string; amr: [{ timestamp: number }] };

export function claimsOf(token: string): Claims {
  const payload = token.split(".")[1] ?? "";
  return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as Claims;
}

/** When the second step was taken that a token stands on, in Unix seconds; 0 at `aal1`. */
export function verifiedAt({ aal, amr }: Claims): number {
  return aal === "aal2" ? amr[0].timestamp : 0; // the newest is the first
}
