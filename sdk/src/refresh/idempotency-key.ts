import type { SupportedStorage } from "@supabase/auth-js";
import { base64url } from "./base64url.js";
import { deviceSecret } from "./device-secret.js";

/**
 * Names the one trade of a refresh token: the server answers it again to whoever knows this name, and
 * takes everybody else for a thief. All tabs find the same; the token alone does not lead to it.
 */
export async function idempotencyKey(
  storage: SupportedStorage,
  name: string,
  token: string,
): Promise<string> {
  const secret = await deviceSecret(storage, name);
  // Without WebCrypto (plain http, React Native) the secret itself has the same two properties.
  if (!crypto.subtle) return secret;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret + token));
  return base64url(new Uint8Array(digest));
}
