export { createStepUpPrompt, type StepUpPrompt } from "./prompt.js";
export type { AuthOf, SessionState, Store } from "./store.js";
export { useMfaStatus } from "./use-mfa-status.js";
export { useSession } from "./use-session.js";
export { useStepUp } from "./use-step-up.js";
