import { afterEach, expect, test, vi } from "vitest";
import { isMfaRequired } from "../../../src/index.js";
import {
  createBrowserClient,
  createServerClient,
  type ServerOptions,
} from "../../../src/server/index.js";
import { fakeBackend } from "../fake-backend.js";
import { memoryCookies } from "./memory-cookies.js";

const URL = "https://id.example.com/b/shop";
const SESSION = "__Host-lingauth-shop";
const DEVICE = "__Host-lingauth-shop-device";
const ADA = { email: "ada@example.com", password: "correct horse" };

afterEach(() => vi.unstubAllGlobals());

/** A browser with its cookies, and the client that a request of it gets. */
function visit(held?: Record<string, string>) {
  const backend = fakeBackend();
  const browser = memoryCookies(held);
  const request = (options: Partial<ServerOptions> = {}) =>
    createServerClient(URL, "lk_anon_1", { fetch: backend.fetch, cookies: browser.cookies, ...options });
  return { backend, ...browser, request, readOnly: { cookies: { get: browser.cookies.get } } };
}

/** The same, of somebody who signed in and whose token has expired since. */
async function visitWithExpiredToken() {
  const visited = visit();
  visited.backend.lifetime = -1;
  await visited.request().auth.signInWithPassword(ADA);
  visited.backend.lifetime = 300;
  visited.backend.calls.length = 0;
  return visited;
}

async function token(client: ReturnType<typeof createServerClient>) {
  return (await client.auth.getSession()).data.session?.refresh_token;
}

test("who signs in at one request is signed in at the next", async () => {
  const { backend, jar, request } = visit();
  await request().auth.signInWithPassword(ADA);
  expect([...jar.keys()].sort()).toEqual([SESSION, DEVICE]);

  const { data } = await request().from("notes").select("title");
  expect(data).toEqual([{ id: 1, title: "Hello" }]);
  expect(backend.calls.at(-1)?.headers.get("Authorization")).toMatch(/^Bearer e30\./);
});

test("within a request the client sees what it has set", async () => {
  const { cookies } = visit();
  const { fetch } = fakeBackend();
  const unchanging = { get: () => undefined, set: cookies.set };
  const client = createServerClient(URL, "lk_anon_1", { fetch, cookies: unchanging });
  await client.auth.signInWithPassword(ADA);
  expect(await token(client)).toBe("refresh-0");
  await client.auth.signOut({ scope: "local" });
  expect(await token(client)).toBeUndefined();
});

test("a visitor without a session gets no cookie, and reads as nobody", async () => {
  const { backend, sent, request } = visit();
  await request().from("notes").select("title");
  expect(backend.paths()).toEqual(["/rest/v1/notes"]);
  expect(backend.calls[0]?.headers.has("Authorization")).toBe(false);
  expect(sent).toEqual([]);
});

test("making a client asks for nothing", async () => {
  const { backend, request } = await visitWithExpiredToken();
  const get = vi.fn();
  request({ cookies: { get } });
  await new Promise(setImmediate);
  expect(get).not.toHaveBeenCalled();
  expect(backend.calls).toEqual([]);
});

test("no timer outlives the request", async () => {
  vi.useFakeTimers();
  const { request } = visit();
  await request().auth.initialize();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test("an expired token is refreshed, and the cookie is set before the call is answered", async () => {
  const { jar, request } = await visitWithExpiredToken();
  const before = jar.get(SESSION);
  expect(await token(request())).toBe("refresh-1");
  expect(jar.get(SESSION)).not.toBe(before);
  expect(await token(request())).toBe("refresh-1");
});

test("requests that refresh side by side are one device, not a thief", async () => {
  const { backend, jar, request } = await visitWithExpiredToken();
  const held = Object.fromEntries(jar);
  const apart = Array.from({ length: 4 }, () => request({ cookies: memoryCookies(held).cookies }));
  expect(await Promise.all(apart.map(token))).toEqual(Array(4).fill("refresh-1"));
  expect(backend.ended).toBe(false);
});

test("a client that can set no cookie refreshes again and again, and loses nothing", async () => {
  const { backend, sent, request, readOnly } = await visitWithExpiredToken();
  sent.length = 0;
  expect(await token(request(readOnly))).toBe("refresh-1");
  expect(await token(request(readOnly))).toBe("refresh-1");
  expect(sent).toEqual([]);
  expect(await token(request())).toBe("refresh-1");
  expect(backend.ended).toBe(false);
});

test("without the device's secret it refreshes nothing, for the session would be lost", async () => {
  const { backend, jar, request, readOnly } = await visitWithExpiredToken();
  jar.delete(DEVICE);
  expect(await token(request(readOnly))).toBeUndefined();
  expect(backend.calls).toEqual([]);
  expect(await token(request())).toBe("refresh-1");
});

test("signing out takes the session's cookie away", async () => {
  const { jar, request } = visit();
  await request().auth.signInWithPassword(ADA);
  await request().auth.signOut({ scope: "local" });
  expect([...jar.keys()]).toEqual([DEVICE]);
});

test("a call that asks for a second step is answered so", async () => {
  const { backend, request } = visit();
  backend.required = true;
  const client = request();
  await client.auth.signInWithPassword(ADA);
  const { error } = await client.from("notes").select("title");
  expect(isMfaRequired(error)).toBe(true);
});

test("who trusts the user of a session that came with the request is warned", async () => {
  const { request } = visit();
  await request().auth.signInWithPassword(ADA);
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { data } = await request().auth.getSession();
  expect(data.session?.user.email).toBe(ADA.email);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("getUser()"));
});

test("a browser and its server share a session where both are told to", async () => {
  const written: string[] = [];
  const jar = new Map<string, string>();
  vi.stubGlobal("document", {
    get cookie() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    },
    set cookie(line: string) {
      written.push(line);
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    },
  });
  const { fetch } = fakeBackend();
  const page = createBrowserClient(URL, "lk_anon_1", { fetch });
  await page.auth.signInWithPassword(ADA);
  await page.dispose();
  expect([...jar.keys()].sort()).toEqual([SESSION, DEVICE]);
  for (const line of written) expect(line).not.toContain("HttpOnly");

  const { cookies, sent } = memoryCookies(Object.fromEntries(jar));
  const cookie = { httpOnly: false };
  const server = createServerClient(URL, "lk_anon_1", { fetch, cookies, cookie });
  await server.auth.refreshSession();
  expect(sent).toMatchObject([{ name: SESSION, attributes: { httpOnly: false, secure: true } }]);
});
