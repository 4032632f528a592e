import { beforeEach, describe, expect, test, vi } from "vitest";
import { deviceSecret } from "../../../src/refresh/device-secret.js";
import { memory } from "../support/site.js";

/** A storage whose calls take a while: the first as long as the first of `delays`, and so on. */
function slow(delays: number[]) {
  const { items, ...storage } = memory();
  let count = 0;
  const later = async <T>(work: () => T): Promise<T> => {
    await new Promise((done) => setTimeout(done, delays[count++ % delays.length]));
    return work();
  };
  return {
    items,
    getItem: (key: string) => later(() => storage.getItem(key)),
    setItem: (key: string, value: string) => later(() => storage.setItem(key, value)),
    removeItem: (key: string) => later(() => storage.removeItem(key)),
  };
}

/** Locks as browsers have them, for all tabs. */
function locks() {
  let last: Promise<unknown> = Promise.resolve();
  const request = (_: string, work: () => Promise<unknown>) => (last = last.then(work));
  return { request };
}

const eight = Array.from({ length: 8 });

test("eight tabs at first use have one secret, and it is the one that is kept", async () => {
  vi.stubGlobal("navigator", undefined); // no locks, as on plain http
  const storage = memory();
  const secrets = await Promise.all(eight.map(() => deviceSecret(storage, "device")));
  expect(new Set(secrets)).toEqual(new Set([storage.items["device"]]));
});

describe("with a storage that takes its time", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  test.each([
    ["as long for each call", [5]],
    ["longer for who writes second", [...eight.map(() => 1), 1, ...eight.slice(1).map(() => 90), 1]],
  ])("%s, the tabs agree by their locks", async (_, delays) => {
    vi.stubGlobal("navigator", { locks: locks() });
    const storage = slow(delays);
    const secrets = Promise.all(eight.map(() => deviceSecret(storage, "device")));
    await vi.runAllTimersAsync();
    expect(new Set(await secrets)).toEqual(new Set([storage.items["device"]]));
  });
});

test("what another tab stored meanwhile is preferred to what was made", async () => {
  vi.stubGlobal("navigator", undefined);
  const storage = memory();
  const { setItem } = storage;
  storage.setItem = (key, value) => {
    setItem(key, value);
    setItem(key, "the other's"); // which had seen none either
  };
  expect(await deviceSecret(storage, "device")).toBe("the other's");
});

test("a secret that is there is used as it is", async () => {
  expect(await deviceSecret(memory({ device: "known" }), "device")).toBe("known");
});
