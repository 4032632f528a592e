import type { AuthError } from "@supabase/auth-js";
import type { ApiError } from "./errors.js";

/**
 * What every call answers: data, or the error that says why there is none. As with auth-js, neither a
 * refusal nor a broken connection rejects; the latter's error has no `status`, or 0.
 */
export type Result<T> = { data: T; error: null } | { data: null; error: AuthError | ApiError };
type Answer = { data: unknown; error: AuthError | ApiError | null };
type DataOf<A extends Answer> = Extract<A, { error: null }>["data"];

/** A call's data in the shape that is promised. What is thrown on the way becomes the error. */
export async function answer<A extends Answer, T>(
  asked: PromiseLike<A>,
  shape: (data: DataOf<A>) => T,
): Promise<Result<T>> {
  try {
    const { data, error } = await asked;
    return error ? { data: null, error } : { data: shape(data), error };
  } catch (error) {
    return { data: null, error: error as ApiError };
  }
}
