import type { AuthMFAVerifyResponseData, GoTrueClient, Session } from "@supabase/auth-js";
import type { Request } from "../data/request.js";
import { answer } from "../result.js";
import { authenticators } from "./factors.js";
import type { AuthAdditions, Level } from "./types.js";

/** auth-js asks `factors/<id>/verify`: this name makes it `mfa/verify`, which finds the factor. */
const ANY_FACTOR = "../mfa";
/** The server says that it does not exist. */
const NO_FACTOR = "00000000-0000-0000-0000-000000000000";

export function additions(auth: GoTrueClient, request: Request): AuthAdditions {
  const { mfa } = auth;
  const listMfaFactors = () => answer(auth.getUser(), ({ user }) => authenticators(user));
  const codes = mfa.recoveryCodes;

  return {
    enrollMfa: (params) =>
      answer(mfa.enroll({ factorType: "totp", ...params }), ({ id, totp }) => ({
        factorId: id,
        otpauthUrl: totp.uri,
        secret: totp.secret,
        qrCode: encodeURI(totp.qr_code), // the server draws without any #
      })),

    challengeMfa: async (params) => {
      const { data, error } = await listMfaFactors();
      if (error) return { data, error };
      const factorId = params?.factorId ?? data.factors[0]?.id ?? NO_FACTOR;
      return answer(mfa.challenge({ factorId }), ({ id, expires_at }) => ({
        ...data,
        factorId,
        challengeId: id,
        expiresAt: expires_at,
      }));
    },

    verifyMfa: ({ code, factorId = ANY_FACTOR, challengeId = "" }) =>
      answer(
        factorId === ANY_FACTOR || challengeId
          ? mfa.verify({ factorId, challengeId, code })
          : mfa.challengeAndVerify({ factorId, code }),
        verified,
      ),
    verifyRecoveryCode: (params) => answer(codes.verify(params), verified),
    recoveryCodes: { ...codes, status: codes.getStatus, remove: codes.unenroll },

    unenrollMfa: async (params) => {
      const removed = await mfa.unenroll(params);
      if (!removed.error) await auth.refreshSession();
      return removed;
    },
    listMfaFactors,

    mfaStatus: () =>
      answer(mfa.getAuthenticatorAssuranceLevel(), ({ currentLevel, nextLevel }) => {
        const enrolled = nextLevel === "aal2";
        const next = currentLevel !== "aal1" ? null : enrolled ? "challenge" : "enroll";
        return { level: currentLevel as Level | null, enrolled, next };
      }),

    listSessions: () => request("GET", "auth/v1/sessions"),
    revokeSession: (id) => request("DELETE", `auth/v1/sessions/${encodeURIComponent(id)}`),
  };
}

/** auth-js has stored it and told the other tabs. Its type leaves `expires_at` out. */
function verified(session: AuthMFAVerifyResponseData) {
  return { session: session as Session, user: session.user };
}
