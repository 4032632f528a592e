export { createClient, type Client } from "./client.js";
export type { Options } from "./options.js";
export type { Result } from "./result.js";
export { isMfaRequired, isStepUpCancelled, type ApiError, type MfaRequiredError } from "./errors.js";
export type * from "./auth/types.js";
export type { RequestOptions } from "./data/request.js";
export type { MfaRedirect } from "./step-up/redirect.js";
export type { StepUp } from "./step-up/step-up.js";
export type { SessionEnded } from "./refresh/session-end.js";
