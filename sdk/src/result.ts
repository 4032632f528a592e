import type { AuthError } from "@supabase/auth-js";
import type { ApiError } from "./errors.js";

/** What every call answers: it has data, or an error that says why not. Calls never reject. */
export type Result<T> =
  | { data: T; error: null }
  | { data: null; error: AuthError | ApiError };
