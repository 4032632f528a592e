import { createClient, type Client, type Options } from "../../../src/index.js";
import type { Session } from "@supabase/auth-js";

export const URL_OF_SHOP = "https://id.example.com/b/shop";

export type Call = {
  method: string;
  /** Below the backend, with the query. */
  path: string;
  headers: Headers;
  body: unknown;
  /** The session's token, if it was sent with one. */
  token: string | undefined;
};

type Answer = (call: Call) => Response | Promise<Response>;

/** A backend that answers as a test says, by method and path, and remembers what it was asked. */
export function site(answers: Record<string, Answer> = {}) {
  const calls: Call[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { href } = new URL(String(input));
    const headers = new Headers(init?.headers);
    const call = {
      method: init?.method ?? "GET",
      path: href.replace(URL_OF_SHOP, ""),
      headers,
      body: typeof init?.body === "string" ? JSON.parse(init.body) : init?.body,
      token: headers.get("Authorization")?.replace("Bearer ", ""),
    };
    calls.push(call);
    const answer = answers[`${call.method} ${call.path}`];
    return answer ? answer(call) : refused(404, "not_found");
  };
  const of = (path: string) => calls.filter((call) => `${call.method} ${call.path}` === path);
  return { fetch, calls, answers, of, asked: () => calls.map(({ method, path }) => `${method} ${path}`) };
}

/** A refusal in LingAuth's form. */
export function refused(status: number, code: string, details: object = {}): Response {
  const headers = { "X-Supabase-Api-Version": "2024-01-01" };
  return Response.json({ code, message: `It is ${code}`, details }, { status, headers });
}

export const mfaRequired = (next = "challenge") =>
  refused(403, "mfa_required", { next, deadline: null, policy_version: 7, url: "https://id/mfa" });

/** A storage that several clients may share, as the tabs of a browser do. */
export function memory(items: Record<string, string> = {}) {
  return {
    items,
    getItem: (key: string): string | null => items[key] ?? null,
    setItem: (key: string, value: string) => void (items[key] = value),
    removeItem: (key: string) => void delete items[key],
  };
}

/** A client of that backend, signed in if a session is given. `events` tells what auth-js emitted. */
export function clientOf(
  { fetch }: { fetch: typeof globalThis.fetch },
  signedIn: Session | null,
  options: Options = {},
): Client & { storage: ReturnType<typeof memory>; events: string[] } {
  const storage = memory(signedIn ? { "lingauth-shop": JSON.stringify(signedIn) } : {});
  const auth = { autoRefreshToken: false, ...options.auth };
  const client = createClient(URL_OF_SHOP, "lk_anon_1", { fetch, storage, ...options, auth });
  const events: string[] = [];
  client.auth.onAuthStateChange((event) => void events.push(event));
  return Object.assign(client, { storage, events });
}

/** A promise to be kept by the test. */
export function deferred<T = void>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((keep) => (resolve = keep));
  return { promise, resolve };
}
