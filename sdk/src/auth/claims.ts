/** What is read of an access token. The server alone decides by it; here it is a hint. */
export type Claims = {
  sub: string;
  aal: "aal1" | "aal2";
  amr: { method: string; timestamp: number }[];
};

export function claimsOf(token: string): Claims {
  const [, payload = ""] = token.split(".");
  return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as Claims;
}

/** When the second step was taken that the token stands on, in Unix seconds; 0 at `aal1`. */
export function verifiedAt({ amr }: Claims): number {
  return amr.find(({ method }) => method === "totp" || method.startsWith("mfa/"))?.timestamp ?? 0;
}
