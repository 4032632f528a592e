import type { GoTrueClient } from "@supabase/auth-js";
import type { Result } from "../result.js";
import { answer } from "./answer.js";

/** `friendlyName` is what the person calls it, `issuer` what their app shows above the code. */
export type EnrollParams = { friendlyName?: string; issuer?: string };

/** An authenticator to set up. The secret is shown this once. */
export type Enrollment = {
  factorId: string;
  /** What the QR code says; on a phone, a link that opens the app. */
  otpauthUrl: string;
  /** The same, to be typed by hand (base32). */
  secret: string;
  /** The QR code as a data URL, ready for the `src` of an image. */
  qrCode: string;
};

export function enrollMfa(auth: GoTrueClient, params?: EnrollParams): Promise<Result<Enrollment>> {
  return answer(auth.mfa.enroll({ factorType: "totp", ...params }), ({ id, totp }) => ({
    factorId: id,
    otpauthUrl: totp.uri,
    secret: totp.secret,
    // auth-js puts an address before the picture that leaves it unescaped.
    qrCode: `data:image/svg+xml,${encodeURIComponent(totp.qr_code.replace(/^data:[^,]*,/, ""))}`,
  }));
}
