import type { GoTrueClientOptions, SupportedStorage } from "@supabase/auth-js";
import type { SessionEnded } from "./refresh/session-end.js";
import type { MfaRedirect } from "./step-up/redirect.js";
import type { StepUp } from "./step-up/step-up.js";

/** How a client behaves. All of it is optional. */
export type Options = {
  /**
   * Ask the person for their second step, with `client.auth.verifyMfa({ code })`. Called once per
   * step-up, however many calls wait for it. Answer `true` when they are verified: the calls are sent
   * once more. `false`, or an exception, cancels: each call gets an error of which
   * `isStepUpCancelled` tells. Do not wait for data in it: a refused call would wait for this step-up.
   */
  onMfaRequired?: (step: StepUp) => boolean | Promise<boolean>;
  /** Without `onMfaRequired`, in browsers: go to a page for the second step, which leads back here. */
  mfaRedirect?: MfaRedirect;
  /** The server ended the session. In other tabs auth-js tells of it with `SIGNED_OUT` alone. */
  onSessionEnded?: (why: SessionEnded) => void;
  /** How long a step-up may take, in milliseconds; then it is cancelled. Five minutes by default. */
  stepUpTimeout?: number;
  /** Whether refused calls are sent once more after the step-up (default), or answered as refused. */
  retryAfterStepUp?: boolean;
  /** Where the session is kept. `localStorage` in browsers, else memory. */
  storage?: SupportedStorage;
  /** The name it is kept under. `lingauth-` and the backend's ref by default. */
  storageKey?: string;
  /** Sends every request of this client. */
  fetch?: typeof fetch;
  /** Further options of `AuthClient` of `@supabase/auth-js`. `flowType` is `pkce` by default. */
  auth?: Omit<
    GoTrueClientOptions,
    | "url"
    | "headers"
    | "fetch"
    | "storage"
    | "storageKey"
    | "experimental"
    | "throwOnError"
    | "lock"
    | "lockAcquireTimeout"
  >;
};
