import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { handle } from "../../../examples/server/app.js";
import { fakeBackend } from "../fake-backend.js";

const SITE = "https://app.example.com";
const BACKEND = ["https://id.example.com/b/shop", "lk_anon_1"] as const;

let backend: ReturnType<typeof fakeBackend>;
let jar: Map<string, string>;

beforeEach(() => {
  backend = fakeBackend();
  jar = new Map();
  vi.stubGlobal("fetch", backend.fetch);
});

afterEach(() => vi.unstubAllGlobals());

/** What a browser does: sends its cookies, keeps those that come, follows redirects by hand. */
async function visit(path: string, form?: Record<string, string>, site = "same-origin") {
  const headers = new Headers({ "Sec-Fetch-Site": site });
  headers.set("Cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
  const body = form && { method: "POST", body: new URLSearchParams(form) };
  const response = await handle(new Request(SITE + path, { headers, ...body }), ...BACKEND);
  for (const line of response.headers.getSetCookie()) {
    expect(line).toContain("; Secure; HttpOnly");
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (line.includes("Max-Age=0")) jar.delete(name);
    else jar.set(name, value);
  }
  return { status: response.status, to: response.headers.get("Location"), text: await response.text() };
}

test("the story: sign in, be asked for a second step, set it up, read, sign out", async () => {
  backend.required = true;
  expect(await visit("/")).toMatchObject({ status: 303, to: "/sign-in?next=%2F" });
  const form = { email: "ada@example.com", password: "correct horse" };
  expect(await visit("/sign-in?next=%2F", form)).toMatchObject({ status: 303, to: "/" });

  expect(await visit("/")).toMatchObject({ status: 303, to: "/verify?next=%2F" });
  expect((await visit("/verify?next=%2F")).text).toContain("Set up a second step");
  const setUp = await visit("/set-up?next=%2F", {});
  expect(setUp.text).toContain("SECRET");
  expect(setUp.text).toContain('action="/verify?next=%2F"');

  expect(await visit("/verify?next=%2F", { code: "000000" })).toMatchObject({ status: 400 });
  expect(await visit("/verify?next=%2F", { code: "123456" })).toMatchObject({ status: 303, to: "/" });
  expect((await visit("/")).text).toContain("<li>Hello</li>");

  expect(await visit("/sign-out", {})).toMatchObject({ status: 303, to: "/sign-in" });
  expect(await visit("/")).toMatchObject({ status: 303, to: "/sign-in?next=%2F" });
});

test("who has an authenticator is asked for its code", async () => {
  await visit("/sign-in", { email: "ada@example.com", password: "correct horse" });
  await visit("/verify", { code: "123456" });
  expect((await visit("/verify")).text).toContain("Confirm that it is you");
});

test("after signing in nobody is sent to another site", async () => {
  const form = { email: "ada@example.com", password: "correct horse" };
  expect((await visit("/sign-in?next=//evil.example", form)).to).toBe("/");
});

test("another site's forms are not obeyed", async () => {
  expect((await visit("/sign-out", {}, "cross-site")).status).toBe(403);
});

test("what people write is text, not markup", async () => {
  backend.title = '<img src="x">';
  await visit("/sign-in", { email: "ada@example.com", password: "correct horse" });
  expect((await visit("/")).text).toContain("<li>&#60;img src=&#34;x&#34;&#62;</li>");
});
