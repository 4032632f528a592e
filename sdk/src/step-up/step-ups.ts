import type { GoTrueClient, Session } from "@supabase/auth-js";
import { claimsOf, type Claims } from "../auth/claims.js";
import { authenticators } from "../auth/factors.js";
import type { MfaRequiredError } from "../errors.js";
import type { StepUp } from "./step-up.js";

export type Ask = (step: StepUp) => boolean | Promise<boolean>;

/**
 * Wait for the one step-up that is open, or open it, for a call that was sent with `token`. Answers
 * the token to send it again with, or none if the step-up was given up.
 */
export type Join = (refusal: MfaRequiredError, token: string) => Promise<string | undefined>;

export function stepUps(auth: GoTrueClient, ask: Ask, timeout = 300_000): Join {
  /** By person: a late call of who was here before does not join the step-up of who is here now. */
  const open: Record<string, Promise<string | undefined>> = {};

  async function run({ message, details }: MfaRequiredError, token: string, sent: Claims) {
    const over = new AbortController();
    const asked = async ({ user }: Session) =>
      (await ask({ ...details, ...authenticators(user), message, signal: over.signal })) ? token : undefined;

    let settle!: (token?: string) => void;
    const settled = new Promise<string | undefined>((resolve) => (settle = resolve));

    const timer = setTimeout(settle, timeout);
    const heard = auth.onAuthStateChange((event, session) => {
      if (!session) return settle();
      token = session.access_token;
      const now = claimsOf(token);
      if (now.sub !== sent.sub) return settle();
      // Whoever took the second step since the call was sent is not asked: here or in another tab.
      if (now.verifiedAt > sent.verifiedAt) settle(token);
      else if (event === "INITIAL_SESSION") asked(session).then(settle, () => settle());
    }).data.subscription;

    const verified = await settled;
    clearTimeout(timer);
    heard.unsubscribe();
    over.abort();
    delete open[sent.sub];
    return verified;
  }

  return (refusal, token) => {
    const sent = claimsOf(token);
    return (open[sent.sub] ??= run(refusal, token, sent));
  };
}
