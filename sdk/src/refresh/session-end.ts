import type { GoTrueClient, Subscription } from "@supabase/auth-js";

/** Why the server ended a session. */
export type SessionEnded = {
  /**
   * `replayed`: this client's refresh token had been used by somebody else, so the server ended the
   * session for both. `ended`: signed out elsewhere, expired, revoked, or the account was banned.
   */
  reason: "replayed" | "ended";
  /** The server's words, for logs. */
  message: string;
};

/** Listens from its return on, and looks in its own time. */
export type Refused = (refusal: { code: string; message: string }) => void;

/**
 * Looks after a refusal whether the session is over. A refused token alone does not say so: a code
 * that was verified meanwhile has replaced it. So auth-js asks for the user, lets go of a session that
 * the server does not know, and signs out; that is what is told.
 */
export function sessionEnd(
  auth: () => GoTrueClient,
  tell?: (why: SessionEnded) => void,
): Refused {
  let heard: Subscription | void;
  const looked = () => (heard = heard?.unsubscribe());
  return ({ code, message }) => {
    if (heard) return;
    heard = auth().onAuthStateChange((event) => {
      const reason = code === "refresh_token_already_used" ? "replayed" : "ended";
      if (event === "SIGNED_OUT") tell?.({ reason, message });
    }).data.subscription;
    auth().getUser().then(looked, looked); // what a listener throws, auth-js has logged
  };
}
