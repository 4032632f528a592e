/** A call that the server refused. */
export type ApiError = Error & {
  /** The HTTP status. */
  status?: number;
  /** For programs, such as `mfa_required`. */
  code?: string;
  /** What to do next, in words. */
  hint?: string;
  /** What the refusal says besides; the whole body, if it has no `details`. */
  details?: unknown;
};

/** The one error that an app handles: the session has to take a second step. */
export type MfaRequiredError = {
  code: "mfa_required";
  message: string;
  details: {
    /** Set a factor up first, or give a code of the one there is. */
    next: "enroll" | "challenge";
    /** When the person's time to set up ended (RFC 3339); null if they never had such a time. */
    deadline: string | null;
    policy_version: number;
    /** The hosted page for it. */
    url: string;
    /** There was a step-up, and it was given up. */
    cancelled?: boolean;
  };
};

/** Whether a call was refused until the session takes a second step. Any value may be asked about. */
export function isMfaRequired(error: unknown): error is MfaRequiredError {
  return (error as MfaRequiredError | null)?.code === "mfa_required";
}

/**
 * Whether a call was refused because its step-up was given up: by the person, by signing out, or by
 * the clock. {@link isMfaRequired} holds for such an error too.
 */
export function isStepUpCancelled(error: unknown): error is MfaRequiredError {
  return isMfaRequired(error) && !!error.details?.cancelled;
}
