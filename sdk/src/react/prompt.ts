import type { StepUp } from "../index.js";
import type { Store } from "./store.js";

/** Carries a step-up from the client, which lives outside of React, to the component that asks. */
export type StepUpPrompt = Store<StepUp | null> & {
  /** For the client: `createClient(url, anonKey, { onMfaRequired: prompt.ask })`. */
  ask(step: StepUp): Promise<boolean>;
  /** Ends the step-up that is open: verified, or given up. Without one it does nothing. */
  finish(verified: boolean): void;
};

/** Make one beside the client, and show it with {@link useStepUp} in one component. */
export function createStepUpPrompt(): StepUpPrompt {
  const listeners = new Set<() => void>();
  let open: { step: StepUp; settle: (verified: boolean) => void } | null = null;

  function set(next: typeof open) {
    open = next;
    for (const listener of listeners) listener();
  }

  function finish(verified: boolean) {
    const ended = open;
    if (!ended) return;
    set(null);
    ended.settle(verified);
  }

  return {
    ask: (step) =>
      new Promise((settle) => {
        set({ step, settle });
        // Verified in another tab, or too late: nobody waits for this dialog any more.
        step.signal.addEventListener("abort", () => open?.step === step && finish(false));
      }),
    finish,
    get: () => open?.step ?? null,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
