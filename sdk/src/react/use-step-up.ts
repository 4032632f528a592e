import { useSyncExternalStore } from "react";
import type { StepUp } from "../index.js";
import type { StepUpPrompt } from "./prompt.js";

/**
 * The step-up that waits for a person, or null. Show the dialog while there is one: `next` says
 * whether to set a factor up or to ask for a code. Call `finish(true)` after `verifyMfa` succeeded,
 * `finish(false)` when the person gives up; the calls that wait are then sent once more, or refused.
 * It closes by itself when another tab verified, and when the time is over.
 */
export function useStepUp(prompt: StepUpPrompt): {
  step: StepUp | null;
  finish: (verified: boolean) => void;
} {
  const step = useSyncExternalStore(prompt.subscribe, prompt.get, () => null);
  return { step, finish: prompt.finish };
}
