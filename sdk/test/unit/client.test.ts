import { expect, test, vi } from "vitest";
import { createClient, isStepUpCancelled } from "../../src/index.js";
import { clientOf, memory, mfaRequired, site, URL_OF_SHOP } from "./support/site.js";
import { session } from "./support/tokens.js";

const NOTES = "GET /rest/v1/notes?select=*";
const refusing = () => site({ [NOTES]: () => mfaRequired() });

test("calls of the auth API have the key", async () => {
  const backend = site();
  await clientOf(backend, null).auth.signInWithPassword({ email: "a@b.c", password: "p" });
  expect(backend.calls[0]?.headers.get("apikey")).toBe("lk_anon_1");
});

test.each([
  [{}, "code_challenge"],
  [{ flowType: "implicit" as const }, undefined],
])("with %j a flow that leaves the app brings back a code or not", async (auth, name) => {
  const client = clientOf(site(), null, { auth });
  const { data } = await client.auth.signInWithOAuth({
    provider: "google",
    options: { skipBrowserRedirect: true },
  });
  expect(new URL(data.url!).searchParams.has("code_challenge")).toBe(name === "code_challenge");
});

test.each([
  [undefined, "lingauth-shop"],
  ["mine", "mine"],
])("with the storage key %s a session is kept under %s, after the device's secret", async (storageKey, kept) => {
  const storage = memory();
  const backend = site({ "POST /auth/v1/token?grant_type=password": () => Response.json(session()) });
  const options = { storage, ...(storageKey && { storageKey }) };
  await clientOf(backend, null, options).auth.signInWithPassword({ email: "a@b.c", password: "p" });
  expect(Object.keys(storage.items)).toEqual([`${kept}-device`, kept]);
});

test("without a fetch of its own it uses the platform's", async () => {
  const fetch = vi.fn(async () => Response.json([]));
  vi.stubGlobal("fetch", fetch);
  const client = createClient(URL_OF_SHOP, "lk_anon_1", { storage: memory() });
  expect((await client.from("notes").select()).data).toEqual([]);
  expect(fetch).toHaveBeenCalledOnce();
});

test("after dispose nothing is heard any more", async () => {
  const client = clientOf(site(), session());
  await client.auth.initialize();
  const before = client.events.length;
  await client.dispose();
  await client.auth.signOut({ scope: "local" });
  expect(client.events).toHaveLength(before);
});

test("an app's own page for the second step is gone to", async () => {
  const assign = vi.fn();
  vi.stubGlobal("location", { assign, href: "https://app.example.com/notes" });
  vi.stubGlobal("addEventListener", vi.fn());
  const mfaRedirect = vi.fn(({ next }) => `/two-factor?next=${next}`);
  const client = clientOf(refusing(), session(), { mfaRedirect });
  const settled = vi.fn();
  void client.request("GET", "rest/v1/notes?select=*").then(settled);
  await vi.waitFor(() => expect(assign).toHaveBeenCalledWith("/two-factor?next=challenge"));
  expect(settled).not.toHaveBeenCalled();
});

test("where there is no page to leave, a redirect gives up", async () => {
  const client = clientOf(refusing(), session(), { mfaRedirect: "hosted" });
  const { error } = await client.request("GET", "rest/v1/notes?select=*");
  expect(isStepUpCancelled(error)).toBe(true);
});

test("who asks in the app itself is not sent away", async () => {
  const onMfaRequired = vi.fn(() => false);
  const mfaRedirect = vi.fn(() => "/");
  const client = clientOf(refusing(), session(), { onMfaRequired, mfaRedirect });
  await client.request("GET", "rest/v1/notes?select=*");
  expect(onMfaRequired).toHaveBeenCalledOnce();
  expect(mfaRedirect).not.toHaveBeenCalled();
});
