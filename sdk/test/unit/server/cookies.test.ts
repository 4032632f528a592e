import { afterEach, expect, test, vi } from "vitest";
import { attributesOf, readCookie, writeCookie } from "../../../src/server/cookies.js";
import { documentCookies } from "../../../src/server/document-cookies.js";
import { cookieJar } from "../../../src/server/jar.js";

afterEach(() => vi.unstubAllGlobals());

test.each([
  ["a=1; b=2", "b", "2"],
  ["a=1;b=2", "b", "2"],
  ["xa=1; a=2", "a", "2"],
  ["a=x=y", "a", "x=y"],
  ["a=", "a", ""],
  ["a", "a", undefined],
  ["ab; c=1", "a", undefined],
  ["", "a", undefined],
])("in %j, %s is %j", (header, name, value) => {
  expect(readCookie(header, name)).toBe(value);
});

test("a cookie is written with all its attributes", () => {
  expect(writeCookie("a", "1", attributesOf({ domain: "example.com" }))).toBe(
    "a=1; Path=/; Max-Age=34560000; SameSite=lax; Domain=example.com; Secure; HttpOnly",
  );
  expect(writeCookie("a", "1", attributesOf({ secure: false, httpOnly: false }))).toBe(
    "a=1; Path=/; Max-Age=34560000; SameSite=lax",
  );
});

test("an answer that sets a cookie is kept by no cache, and carries each cookie once", () => {
  const jar = cookieJar("seen=1");
  expect(jar.get("seen")).toBe("1");
  expect(jar.headers()).toEqual([]);
  jar.set("a", "1", attributesOf({}));
  jar.set("a", "2", attributesOf({}));
  expect(jar.headers()).toEqual([
    ["Set-Cookie", expect.stringMatching(/^a=2; /)],
    ["Cache-Control", "private, no-store"],
  ]);
  expect(new Headers(jar.headers()).getSetCookie()).toHaveLength(1);
});

test("a request without cookies has none", () => {
  expect(cookieJar(undefined).get("a")).toBeUndefined();
});

test("the page's cookies, and none where there is no page", () => {
  expect(documentCookies.get("a")).toBeUndefined();
  documentCookies.set!("a", "1", attributesOf({}));
  const document = { cookie: "a=1; b=2" };
  vi.stubGlobal("document", document);
  expect(documentCookies.get("b")).toBe("2");
  documentCookies.set!("c", "3", attributesOf({ httpOnly: false }));
  expect(document.cookie).toBe("c=3; Path=/; Max-Age=34560000; SameSite=lax; Secure");
});
