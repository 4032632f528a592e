import { expect, test, vi } from "vitest";
import { clientOf, mfaRequired, refused, site, type Call } from "../support/site.js";
import { session } from "../support/tokens.js";

const NOTES = "GET /rest/v1/notes?select=*";
const TOKEN = "POST /auth/v1/token?grant_type=refresh_token";
const empty = { [NOTES]: () => Response.json([]) };

test("a signed-in person's calls have the key and the token", async () => {
  const signedIn = session();
  const backend = site(empty);
  await clientOf(backend, signedIn).from("notes").select();
  expect(backend.calls[0]?.headers.get("apikey")).toBe("lk_anon_1");
  expect(backend.calls[0]?.token).toBe(signedIn.access_token);
});

test("a visitor's calls have the key alone", async () => {
  const backend = site(empty);
  await clientOf(backend, null).from("notes").select();
  expect(backend.calls[0]?.headers.get("apikey")).toBe("lk_anon_1");
  expect(backend.calls[0]?.token).toBeUndefined();
});

test("headers reach fetch as a plain object, which every fetch understands", async () => {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => Response.json([]));
  await clientOf({ fetch }, session()).from("notes").select();
  expect(Object.getPrototypeOf(fetch.mock.calls[0]?.[1]?.headers)).toBe(Object.prototype);
});

test("a token that is about to expire is refreshed before the call", async () => {
  const next = session();
  const backend = site({ ...empty, [TOKEN]: () => Response.json(next) });
  await clientOf(backend, session({ expiresIn: 60 })).from("notes").select();
  expect(backend.of(NOTES)[0]?.token).toBe(next.access_token);
});

test("a session that cannot be refreshed is an error, and not a visitor's question", async () => {
  vi.spyOn(console, "warn").mockReturnValue(); // auth-js says so too
  const backend = site({ ...empty, [TOKEN]: () => refused(400, "refresh_token_not_found") });
  const client = clientOf(backend, session());
  await client.auth.getSession();
  client.storage.setItem("lingauth-shop", JSON.stringify(session({ expiresIn: -1 })));
  const { data, error } = await client.request("GET", "rest/v1/notes?select=*");
  expect(data).toBeNull();
  expect(error).toMatchObject({ code: "refresh_token_not_found" });
  expect(backend.of(NOTES)).toEqual([]);
});

test("headers that an app sets itself are kept", async () => {
  const backend = site(empty);
  await clientOf(backend, session()).from("notes").select().setHeader("Authorization", "Bearer other");
  expect(backend.calls[0]?.token).toBe("other");
});

const bodies: [string, () => unknown][] = [
  ["a string", () => '"text"'],
  ["JSON", () => ({ title: "Hello" })],
  ["FormData", () => new FormData()],
  ["a Blob", () => new Blob(["text"])],
  ["URLSearchParams", () => new URLSearchParams({ a: "1" })],
  ["an ArrayBuffer", () => new ArrayBuffer(2)],
];

/** A backend that takes uploads at aal2 only. */
function uploads() {
  const next = session({ verifiedAt: 1000 });
  const upload = ({ token }: Call) => (token === next.access_token ? Response.json({}) : mfaRequired());
  const backend = site({ "POST /files": upload, "POST /auth/v1/mfa/verify": () => Response.json(next) });
  const client = clientOf(backend, session(), {
    onMfaRequired: async () => !(await client.auth.verifyMfa({ code: "1" })).error,
  });
  return { backend, client };
}

test.each(bodies)("%s is sent once more after the step-up, as it was", async (_, make) => {
  const { backend, client } = uploads();
  const { error } = await client.request("POST", "files", make());
  expect(error).toBeNull();
  const [first, second] = backend.of("POST /files");
  expect(second?.body).toEqual(first?.body);
});

test("a stream is gone, so its refusal is answered after the step-up", async () => {
  const { backend, client } = uploads();
  const { error } = await client.request("POST", "files", new Blob(["text"]).stream());
  expect(error?.code).toBe("mfa_required");
  expect(backend.asked()).toEqual(["POST /files", "POST /auth/v1/mfa/verify"]);
});
