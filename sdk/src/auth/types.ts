import type { Factor as AuthFactor, GoTrueClient, Session, User } from "@supabase/auth-js";
import type { Result } from "../result.js";

/** `aal1` after a sign-in, `aal2` once a factor was verified in this session. */
export type Level = "aal1" | "aal2";

/** An authenticator app. `name` is what the person calls it, and may be empty. */
export type Factor = AuthFactor & { name: string };

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

/** An open challenge. */
export type Challenge = {
  /** The account's verified authenticators. */
  factors: Factor[];
  /** The one that is asked. */
  factorId: string;
  challengeId: string;
  /** Unix seconds. */
  expiresAt: number;
};

/** The session at `aal2`, stored already. */
export type Verified = { session: Session; user: User };

/** Single-use codes that stand in for a lost authenticator. Making and removing them needs `aal2`. */
export type RecoveryCodes = {
  /** How many there were and how many are left. Without a set: `mfa_factor_not_found`. */
  status(): Promise<Result<{ total: number; remaining: number }>>;
  /** Make the first set. The codes are shown this once. */
  generate(): Promise<Result<{ codes: string[] }>>;
  /** Make a new set; the old one ends. */
  regenerate(): Promise<Result<{ codes: string[] }>>;
  /** Remove the set. */
  remove(): Promise<Result<{ id: string }>>;
};

/**
 * How the session stands, by its token and the user stored with it. The server is not asked, but for a
 * refresh that is due, so it does not tell whether the backend requires a second step, what another
 * device has set up or removed since the last refresh, or that the session was ended.
 */
export type MfaStatus = {
  /** Null if nobody is signed in. */
  level: Level | null;
  /** Whether the account has a verified factor. */
  enrolled: boolean;
  /** The step that leads to `aal2`; null if the session is there, or if there is none. */
  next: "enroll" | "challenge" | null;
};

/** One sign-in on one device. Times are RFC 3339. */
export type OpenSession = {
  id: string;
  /** Whether it is this client's own. */
  current: boolean;
  aal: Level;
  /** Such as "Firefox on Linux". */
  device: string;
  user_agent: string;
  ip: string | null;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
};

/** `client.auth`: all of auth-js's `AuthClient`, untouched, and what LingAuth adds to it. */
export type Auth = GoTrueClient & AuthAdditions;

/** What LingAuth adds to `AuthClient`. */
export type AuthAdditions = {
  /**
   * Begin to set up an authenticator app. It counts once a code of it was verified with `verifyMfa`,
   * within 15 minutes. A further one needs a session at `aal2`: `insufficient_aal`.
   *
   * `friendlyName` is what the person calls it, `issuer` what their app shows above the code.
   */
  enrollMfa(params?: { friendlyName?: string; issuer?: string }): Promise<Result<Enrollment>>;
  /**
   * See the account's verified authenticators, and open a challenge for one: the named one, else the
   * first. Without any: `mfa_factor_not_found`. `verifyMfa` needs no challenge.
   */
  challengeMfa(params?: { factorId?: string }): Promise<Result<Challenge>>;
  /**
   * Give a code of an authenticator: it finishes a set-up, and the session is at `aal2`. Without
   * `factorId` the code may be of this session's unfinished set-up or of any verified authenticator.
   * A `challengeId` counts together with its `factorId`. Spaces in the code do not matter.
   *
   * `mfa_verification_failed` for a wrong, old or used code; `over_request_rate_limit` after five.
   */
  verifyMfa(params: {
    code: string;
    factorId?: string;
    challengeId?: string;
  }): Promise<Result<Verified>>;
  /** Give a recovery code instead: the session is at `aal2`. Each works once. */
  verifyRecoveryCode(params: { code: string }): Promise<Result<Verified>>;
  recoveryCodes: RecoveryCodes;
  /**
   * Remove an authenticator, and refresh the session, whose level may have ended with it. A verified
   * one can be removed only at `aal2`: `insufficient_aal`.
   */
  unenrollMfa(params: { factorId: string }): Promise<Result<{ id: string }>>;
  /** The account's verified authenticator apps. */
  listMfaFactors(): Promise<Result<{ factors: Factor[] }>>;
  /** How this session stands, read of what is stored: see {@link MfaStatus}. */
  mfaStatus(): Promise<Result<MfaStatus>>;
  /** The account's open sessions, newest first. */
  listSessions(): Promise<Result<{ sessions: OpenSession[] }>>;
  /** End one of the account's sessions; for this one there is `signOut`. */
  revokeSession(id: string): Promise<Result<null>>;
};
