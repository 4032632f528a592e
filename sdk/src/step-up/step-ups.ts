import type { GoTrueClient } from "@supabase/auth-js";
import { claimsOf, verifiedAt } from "../auth/claims.js";
import { factor } from "../auth/factors.js";
import type { MfaRequiredError } from "../errors.js";
import type { StepUp } from "./step-up.js";

export type Ask = (step: StepUp) => boolean | Promise<boolean>;

export type StepUps = {
  /**
   * Wait for the one step-up that is open, or open it for a call that was sent with `token`.
   * Answers whether to send the call again; false if it was given up.
   */
  join(refusal: MfaRequiredError, token: string): Promise<boolean>;
  cancel(): void;
};

export function stepUps(auth: GoTrueClient, ask: Ask, timeout: number): StepUps {
  let open: Promise<boolean> | undefined;
  let over = new AbortController();

  async function run(refusal: MfaRequiredError, token: string): Promise<boolean> {
    const { signal } = (over = new AbortController());
    const sent = claimsOf(token);
    try {
      return await new Promise<boolean>((settle) => {
        const timer = setTimeout(settle, timeout, false);
        // The session as it is comes first: whoever was verified since the call was sent is not asked.
        const { subscription } = auth.onAuthStateChange((event, session) => {
          const now = session && claimsOf(session.access_token);
          if (now?.sub !== sent.sub) settle(false);
          else if (verifiedAt(now) > verifiedAt(sent)) settle(true);
          else if (event === "INITIAL_SESSION") {
            stepOf(auth, refusal, signal).then(ask).then(settle, () => settle(false));
          }
        }).data;
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          subscription.unsubscribe();
          settle(false);
        });
      });
    } finally {
      open = undefined;
      over.abort();
    }
  }

  return {
    join: (refusal, token) => (open ??= run(refusal, token)),
    cancel: () => over.abort(),
  };
}

async function stepOf(
  auth: GoTrueClient,
  { message, details }: MfaRequiredError,
  signal: AbortSignal,
): Promise<StepUp> {
  const { data } = await auth.mfa.listFactors();
  const { next, deadline, url } = details;
  return { next, factors: (data?.totp ?? []).map(factor), deadline, url, message, signal };
}
