/**
 * `init` with more headers; those that it has already win. A plain object, because the fetch of React
 * Native drops what comes in a `Headers`.
 */
export function withHeaders(
  init: RequestInit | undefined,
  more: Record<string, string> | "" | void,
): RequestInit {
  return { ...init, headers: { ...more, ...Object.fromEntries(new Headers(init?.headers)) } };
}
