import { base64 } from "./base64.js";

/**
 * Names the one trade of a refresh token: the server answers it again to whoever knows this name, and
 * takes everybody else for a thief. All tabs find the same; the token alone does not lead to it.
 */
export async function idempotencyKey(secret: string, token: string): Promise<string> {
  // Without WebCrypto (plain http, React Native) the secret itself has the same two properties.
  if (!crypto.subtle) return secret;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret + token));
  return base64(new Uint8Array(digest));
}
