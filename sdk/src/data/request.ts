import type { ApiError } from "../errors.js";
import { withHeaders } from "../headers.js";
import type { Result } from "../result.js";

/** `fetch`'s options, but for what the other arguments say. */
export type RequestOptions = Omit<RequestInit, "method" | "body">;

export type Request = <T = unknown>(
  method: string,
  path: string,
  body?: unknown,
  init?: RequestOptions,
) => Promise<Result<T>>;

/** `client.request` for the backend at `url`, sent with `send`. */
export function requests(url: string, send: typeof fetch): Request {
  return async (method, path, body, init) => {
    try {
      // Joined and not resolved, so that no path leads the token to another site.
      const address = path.startsWith("/") ? new URL(url).origin + path : `${url}/${path}`;
      if (body?.constructor === Object || Array.isArray(body)) {
        init = withHeaders(init, { "content-type": "application/json" });
        body = JSON.stringify(body);
      }
      return await read(await send(address, { ...init, method, body: body as BodyInit }));
    } catch (error) {
      return { data: null, error: error as ApiError };
    }
  };
}

async function read<T>(response: Response): Promise<Result<T>> {
  const body = await response.json().catch(() => null);
  if (response.ok) return { data: body, error: null };
  const { status } = response;
  const { message, detail, ...told } = { details: body, ...body };
  const error = new Error(message ?? detail ?? `HTTP ${status}`);
  return { data: null, error: Object.assign(error, { ...told, name: "ApiError", status }) };
}
