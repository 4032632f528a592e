import { ApiError } from "../errors.js";
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
  return async <T>(method: string, path: string, body?: unknown, init?: RequestOptions) => {
    try {
      const target = addressOf(path, url);
      const headers = new Headers(init?.headers);
      const json = body?.constructor === Object || Array.isArray(body);
      if (json) headers.set("Content-Type", "application/json");
      return await read<T>(
        await send(target, {
          ...init,
          method,
          headers,
          body: json ? JSON.stringify(body) : (body as BodyInit),
        }),
      );
    } catch (cause) {
      return { data: null, error: new ApiError(String(cause), { cause }) };
    }
  };
}

/** The address on the backend's site: from `/` on, or else below the backend. No other site's. */
function addressOf(path: string, url: string): URL {
  const target = new URL(path, `${url}/`);
  if (target.origin !== new URL(url).origin) {
    throw new TypeError(`${path} is not an address of ${url}, and gets no token of its.`);
  }
  return target;
}

async function read<T>(response: Response): Promise<Result<T>> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("Content-Type") ?? "");
  const body = isJson && text ? JSON.parse(text) : text || null;
  if (response.ok) return { data: body as T, error: null };
  const { status, statusText } = response;
  const told = body?.code ? body : { details: body };
  const message = told.message ?? body?.detail ?? (statusText || `HTTP ${status}`);
  return { data: null, error: new ApiError(message, { ...told, status }) };
}
