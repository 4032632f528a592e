import { expect, test } from "vitest";
import { cookieStorage } from "../../../src/server/cookie-storage.js";
import { memoryCookies } from "./memory-cookies.js";

const KEY = "shop";

test.each(["{}", '{"name":"Zoë ✓ 🎉"}', JSON.stringify("x".repeat(9000))])(
  "what was stored is read again",
  async (value) => {
    const storage = cookieStorage(memoryCookies().cookies);
    await storage.setItem(KEY, value);
    expect(await storage.getItem(KEY)).toBe(value);
  },
);

test("values survive whatever encodes cookies, and fit into one", async () => {
  const { cookies, sent } = memoryCookies();
  await cookieStorage(cookies).setItem(KEY, JSON.stringify("é\"; ,>>>>????".repeat(500)));
  expect(sent.length).toBeGreaterThan(1);
  for (const { name, value } of sent) {
    expect(value).toBe(encodeURIComponent(value));
    expect(`${name}=${value}`.length).toBeLessThanOrEqual(3600);
  }
});

test("scripts cannot read the cookies, other hosts cannot set them, plain HTTP does not carry them", async () => {
  const { cookies, sent } = memoryCookies();
  await cookieStorage(cookies).setItem(KEY, "{}");
  expect(sent).toEqual([
    {
      name: "__Host-shop",
      value: expect.any(String),
      attributes: { path: "/", sameSite: "lax", secure: true, httpOnly: true, maxAge: 34_560_000 },
    },
  ]);
});

test.each([
  [{ domain: "example.com" }, { domain: "example.com", secure: true }],
  [{ secure: false }, { secure: false }],
])("without the host's prefix where browsers refuse it: %j", async (options, attributes) => {
  const { cookies, sent } = memoryCookies();
  await cookieStorage(cookies, options).setItem(KEY, "{}");
  expect(sent).toMatchObject([{ name: KEY, attributes }]);
});

test("a shorter value takes the rest of the longer one away", async () => {
  const { cookies, jar } = memoryCookies();
  const storage = cookieStorage(cookies);
  await storage.setItem(KEY, JSON.stringify("x".repeat(7000)));
  expect([...jar.keys()]).toEqual(["__Host-shop", "__Host-shop.1", "__Host-shop.2"]);
  await storage.setItem(KEY, "{}");
  expect([...jar.keys()]).toEqual(["__Host-shop"]);
});

test("removing takes every piece away, with the attributes that it was set with", async () => {
  const { cookies, jar, sent } = memoryCookies();
  const storage = cookieStorage(cookies);
  await storage.setItem(KEY, JSON.stringify("x".repeat(7000)));
  sent.length = 0;
  await storage.removeItem(KEY);
  expect(jar.size).toBe(0);
  expect(sent).toHaveLength(3);
  for (const { value, attributes } of sent) {
    expect(value).toBe("");
    expect(attributes).toMatchObject({ path: "/", secure: true, httpOnly: true, maxAge: 0 });
  }
});

test("a cookie of that name that is none of ours is no value, and can be removed", async () => {
  const { cookies, jar } = memoryCookies({ "__Host-shop": "anything" });
  const storage = cookieStorage(cookies);
  expect(await storage.getItem(KEY)).toBeNull();
  await storage.removeItem(KEY);
  expect(jar.size).toBe(0);
});

test("nothing is set for a visitor without a session", async () => {
  const { cookies, sent } = memoryCookies();
  const storage = cookieStorage(cookies);
  expect(await storage.getItem(KEY)).toBeNull();
  await storage.removeItem(KEY);
  expect(sent).toEqual([]);
});

test("pieces of two values are none", async () => {
  const { cookies, jar } = memoryCookies();
  const storage = cookieStorage(cookies);
  await storage.setItem(KEY, JSON.stringify("a".repeat(4000)));
  const old = jar.get("__Host-shop.1")!;
  await storage.setItem(KEY, JSON.stringify("b".repeat(4000)));
  jar.set("__Host-shop.1", old);
  expect(await storage.getItem(KEY)).toBeNull();
});

test("a visitor's cookie does not make us read more than there can be", async () => {
  let reads = 0;
  const get = () => {
    reads += 1;
    return "99.abc.x";
  };
  expect(await cookieStorage({ get }).getItem(KEY)).toBeNull();
  expect(reads).toBeLessThan(10);
});

test("a value that no request could carry is refused aloud", async () => {
  const { cookies, sent } = memoryCookies();
  const value = JSON.stringify("x".repeat(12_000));
  await expect(cookieStorage(cookies).setItem(KEY, value)).rejects.toThrow(/too many .* \(shop\)/);
  expect(sent).toEqual([]);
});
