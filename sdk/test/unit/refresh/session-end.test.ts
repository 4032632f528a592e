import { beforeEach, expect, test, vi } from "vitest";
import { clientOf, mfaRequired, refused, site } from "../support/site.js";
import { session } from "../support/tokens.js";

const TOKEN = "POST /auth/v1/token?grant_type=refresh_token";
const USER = "GET /auth/v1/user";
const NOTES = "GET /rest/v1/notes?select=*";

const gone = () => refused(403, "session_not_found");
const alive = () => Response.json({ id: "ada" });

beforeEach(() => {
  vi.spyOn(console, "warn").mockReturnValue(); // auth-js speaks of each refusal
  vi.spyOn(console, "error").mockReturnValue();
});

function watched(backend: ReturnType<typeof site>, signedIn = session()) {
  const onSessionEnded = vi.fn();
  return { client: clientOf(backend, signedIn, { onSessionEnded }), onSessionEnded };
}

/** Until what goes on behind a call is done. */
const asked = (backend: ReturnType<typeof site>, path: string, times = 1) =>
  vi.waitFor(() => expect(backend.of(path)).toHaveLength(times));

test("a replay is told, and nobody is signed in any more", async () => {
  const backend = site({ [TOKEN]: () => refused(400, "refresh_token_already_used"), [USER]: gone });
  const { client, onSessionEnded } = watched(backend);
  expect((await client.auth.refreshSession()).error?.code).toBe("refresh_token_already_used");
  await vi.waitFor(() =>
    expect(onSessionEnded.mock.calls).toEqual([
      [{ reason: "replayed", message: "It is refresh_token_already_used" }],
    ]),
  );
  expect((await client.auth.getSession()).data.session).toBeNull();
  expect(client.events).toContain("SIGNED_OUT");
});

test.each(["refresh_token_not_found", "session_expired"])("%s is an end too", async (code) => {
  const backend = site({ [TOKEN]: () => refused(400, code), [USER]: gone });
  const { client, onSessionEnded } = watched(backend);
  await client.auth.refreshSession();
  await vi.waitFor(() =>
    expect(onSessionEnded).toHaveBeenCalledWith({ reason: "ended", message: `It is ${code}` }),
  );
});

test("auth-js lets go of an expired session by itself, and that is told as well", async () => {
  const backend = site({ [TOKEN]: () => refused(400, "refresh_token_already_used") });
  const { client, onSessionEnded } = watched(backend, session({ expiresIn: -1 }));
  await client.auth.initialize();
  await vi.waitFor(() => expect(onSessionEnded).toHaveBeenCalledOnce());
  expect(onSessionEnded.mock.calls[0]?.[0].reason).toBe("replayed");
});

test("and also where the copy of an answer is read later than the answer, as in Chromium", async () => {
  const slow = () => {
    const answer = refused(400, "refresh_token_already_used");
    const copy = answer.clone();
    answer.clone = () => Object.assign(copy, { json: () => new Promise((read) => setTimeout(read, 5)).then(() => told) });
    const told = { code: "refresh_token_already_used", message: "Used" };
    return answer;
  };
  const { client, onSessionEnded } = watched(site({ [TOKEN]: slow }), session({ expiresIn: -1 }));
  await client.auth.initialize();
  await vi.waitFor(() => expect(onSessionEnded).toHaveBeenCalledOnce());
});

test("a refusal because a code was verified meanwhile is no end", async () => {
  const backend = site({ [TOKEN]: () => refused(400, "refresh_token_not_found"), [USER]: alive });
  const { client, onSessionEnded } = watched(backend);
  await client.auth.refreshSession();
  await asked(backend, USER);
  await client.auth.signOut({ scope: "local" });
  expect(onSessionEnded).not.toHaveBeenCalled();
});

test("a server in trouble is no end, and is not asked about it", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("crypto", undefined); // its promises do not wait for the timers
  const backend = site({ [TOKEN]: () => refused(503, "unavailable"), [USER]: gone });
  const { client, onSessionEnded } = watched(backend);
  const refreshed = client.auth.refreshSession();
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  expect((await refreshed).error?.name).toBe("AuthRetryableFetchError");
  expect(backend.of(USER)).toEqual([]);
  expect(onSessionEnded).not.toHaveBeenCalled();
});

test("a session that was ended elsewhere is heard of at the next calls, and told once", async () => {
  const backend = site({ [NOTES]: () => refused(401, "invalid_token"), [USER]: gone });
  const { client, onSessionEnded } = watched(backend);
  const read = () => client.request("GET", "rest/v1/notes?select=*");
  const answers = await Promise.all([read(), read(), read()]);
  expect(answers.map(({ error }) => error?.code)).toEqual(Array(3).fill("invalid_token"));
  await vi.waitFor(() => expect(onSessionEnded).toHaveBeenCalledOnce());
  expect(onSessionEnded.mock.calls[0]?.[0].reason).toBe("ended");
  expect(backend.of(USER)).toHaveLength(1);
});

test("a visitor's refusal asks for nobody", async () => {
  const backend = site({ [NOTES]: () => refused(401, "invalid_api_key") });
  await clientOf(backend, null).request("GET", "rest/v1/notes?select=*");
  expect(backend.asked()).toEqual([NOTES]);
});

test("a missing second step is no end", async () => {
  const backend = site({ [NOTES]: () => mfaRequired(), [USER]: gone });
  const { client, onSessionEnded } = watched(backend);
  await client.request("GET", "rest/v1/notes?select=*");
  expect(backend.of(USER)).toEqual([]);
  expect(onSessionEnded).not.toHaveBeenCalled();
});

test("signing out is not told as an end", async () => {
  const backend = site({ "POST /auth/v1/logout?scope=global": () => new Response(null, { status: 204 }) });
  const { client, onSessionEnded } = watched(backend);
  await client.auth.signOut();
  expect(client.events).toContain("SIGNED_OUT");
  expect(onSessionEnded).not.toHaveBeenCalled();
});

test("a second end is told again, also to who threw at the first", async () => {
  const backend = site({ [TOKEN]: () => refused(400, "session_expired"), [USER]: gone });
  const { client, onSessionEnded } = watched(backend);
  onSessionEnded.mockImplementationOnce(() => {
    throw new Error("of the app");
  });
  await client.auth.refreshSession();
  await vi.waitFor(() => expect(onSessionEnded).toHaveBeenCalledTimes(1));
  client.storage.setItem("lingauth-shop", JSON.stringify(session()));
  await client.auth.refreshSession();
  await vi.waitFor(() => expect(onSessionEnded).toHaveBeenCalledTimes(2));
});

test("an answer that is no JSON tells nothing, and throws nothing", async () => {
  const backend = site({ [TOKEN]: () => new Response("<h1>Proxy</h1>", { status: 400 }) });
  const { client, onSessionEnded } = watched(backend);
  expect((await client.auth.refreshSession()).error?.name).toBe("AuthUnknownError");
  expect(onSessionEnded).not.toHaveBeenCalled();
});
