import { expect, test } from "vitest";
import { createClient } from "../../../src/index.js";
import { clientOf, memory, site, URL_OF_SHOP } from "../support/site.js";
import { session } from "../support/tokens.js";

/** Where the call went, and with what. */
async function sent(path: string, url = URL_OF_SHOP) {
  const calls: { url: string; authorization: string | null }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const authorization = new Headers(init?.headers).get("Authorization");
    calls.push({ url: new URL(String(input)).href, authorization });
    return Response.json(null);
  };
  const storage = memory({ "lingauth-shop": JSON.stringify(session()) });
  const client = createClient(url, "lk_anon_1", { fetch, storage, auth: { autoRefreshToken: false } });
  await client.request("GET", path);
  return calls[0];
}

test.each([
  ["/api/orders/", "https://id.example.com/api/orders/"],
  ["rest/v1/notes", "https://id.example.com/b/shop/rest/v1/notes"],
])("%s is an address of the site", async (path, url) => {
  expect((await sent(path))?.url).toBe(url);
});

test("a backend's address may end with a slash", async () => {
  expect((await sent("rest/v1/notes", `${URL_OF_SHOP}/`))?.url).toBe(`${URL_OF_SHOP}/rest/v1/notes`);
});

test.each([
  "https://evil.example/",
  "//evil.example/",
  "/\\evil.example/",
  "\\\\evil.example/",
  "/@evil.example/",
  ".evil.example/",
  "@evil.example/",
])("%s leads to no other site", async (path) => {
  const call = await sent(path);
  expect(new URL(call!.url).host).toBe("id.example.com");
  expect(call!.authorization).toMatch(/^Bearer /);
});

const echo = () =>
  site({
    "POST /echo": ({ body, headers }) => Response.json({ body, type: headers.get("Content-Type") }),
  });

test.each([{ a: 1 }, [1, 2]])("%j is sent as JSON", async (body) => {
  const { data } = await clientOf(echo(), null).request("POST", "echo", body);
  expect(data).toEqual({ body, type: "application/json" });
});

test("an app may name the type of its JSON", async () => {
  const headers = { "Content-Type": "application/merge-patch+json" };
  const { data } = await clientOf(echo(), null).request("POST", "echo", {}, { headers });
  expect(data).toMatchObject({ type: headers["Content-Type"] });
});

test("fetch's options are handed on", async () => {
  const backend = echo();
  const headers = new Headers({ "X-Trace": "1" });
  await clientOf(backend, null).request("POST", "echo", {}, { headers });
  expect(backend.calls[0]?.headers.get("X-Trace")).toBe("1");
});

test("an answer without a body is null", async () => {
  const backend = site({ "DELETE /a": () => new Response(null, { status: 204 }) });
  expect(await clientOf(backend, null).request("DELETE", "a")).toEqual({ data: null, error: null });
});

const told = { code: "not_yours", message: "Not yours.", hint: "Ask.", details: { owner: "bob" } };
test.each([
  ["LingAuth", told, { name: "ApiError", ...told }],
  ["DRF", { detail: "Not found." }, { message: "Not found.", details: { detail: "Not found." } }],
  ["a form that asks for names", { name: ["Too long."], status: 1 }, { name: "ApiError" }],
  ["a serializer", { title: ["Too long."] }, { message: "HTTP 409", details: { title: ["Too long."] } }],
])("a refusal of %s is an error with its words", async (_, body, error) => {
  const backend = site({ "GET /a": () => Response.json(body, { status: 409 }) });
  const answer = await clientOf(backend, null).request("GET", "a");
  expect(answer.data).toBeNull();
  expect(answer.error).toBeInstanceOf(Error);
  expect(answer.error).toMatchObject({ status: 409, ...error });
});

test("a page instead of an answer is an error with its status", async () => {
  const backend = site({ "GET /a": () => new Response("<h1>Oops</h1>", { status: 500 }) });
  const { error } = await clientOf(backend, null).request("GET", "a");
  expect(error).toMatchObject({ message: "HTTP 500", status: 500 });
});

test("no answer is an error without a status, and nothing is thrown", async () => {
  const client = clientOf({ fetch: () => Promise.reject(new TypeError("offline")) }, null);
  const { data, error } = await client.request("GET", "a");
  expect(data).toBeNull();
  expect([error?.message, error?.status]).toEqual(["offline", undefined]);
});

test("a body that is no JSON is an error, and nothing is thrown", async () => {
  const { error } = await clientOf(echo(), null).request("POST", "echo", [10n]);
  expect(error).toBeInstanceOf(TypeError);
});
