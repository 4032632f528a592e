import { ApiError } from "../errors.js";
import type { Result } from "../result.js";

type Answer = { data: unknown; error: null } | { data: unknown; error: NonNullable<Result<never>["error"]> };
type DataOf<A extends Answer> = Extract<A, { error: null }>["data"];

/** What auth-js, or a call of ours, answered, in the shape that is promised. Never rejects. */
export async function answer<A extends Answer, T>(
  asked: PromiseLike<A>,
  shape: (data: DataOf<A>) => T,
): Promise<Result<T>> {
  try {
    const { data, error } = await asked;
    return error ? { data: null, error } : { data: shape(data as DataOf<A>), error: null };
  } catch (cause) {
    return { data: null, error: new ApiError(String(cause), { cause }) };
  }
}
