import type { Factor } from "../auth/types.js";

/** A second step that calls wait for. */
export type StepUp = {
  /** Set a factor up first, or give a code of the one there is. */
  next: "enroll" | "challenge";
  /** The verified authenticators of the account. */
  factors: Factor[];
  /** When the person's time to set up ended (RFC 3339); null if they never had such a time. */
  deadline: string | null;
  /** The hosted page for this step. */
  url: string;
  /** The server's words for it. */
  message: string;
  /** Aborts when this step-up is over: verified, also in another tab, cancelled, or too late. */
  signal: AbortSignal;
};
