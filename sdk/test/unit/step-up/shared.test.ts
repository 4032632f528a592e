import { afterEach, expect, test, vi } from "vitest";
import { isMfaRequired, isStepUpCancelled, type StepUp } from "../../../src/index.js";
import { clientOf, deferred, mfaRequired, site, type Call } from "../support/site.js";
import { session, totp } from "../support/tokens.js";

afterEach(() => vi.useRealTimers());

const NOTES = "GET /rest/v1/notes?select=*";
const rows = [{ id: 1 }];

/** A backend whose notes are for the given token alone, and whose only code leads to it. */
function guarded(next = session({ verifiedAt: 1000 })) {
  const notes = ({ token }: Call) => (token === next.access_token ? Response.json(rows) : mfaRequired());
  const backend = site({ [NOTES]: notes, "POST /auth/v1/mfa/verify": () => Response.json(next) });
  return Object.assign(backend, { next });
}

test("five refused calls: one prompt, one verification, and each is sent once more", async () => {
  const backend = guarded();
  const onMfaRequired = vi.fn(async () => !(await client.auth.verifyMfa({ code: "123456" })).error);
  const client = clientOf(backend, session(), { onMfaRequired });
  const answers = await Promise.all(Array.from({ length: 5 }, () => client.from("notes").select()));
  expect(answers.map(({ data }) => data)).toEqual(Array(5).fill(rows));
  expect(onMfaRequired).toHaveBeenCalledOnce();
  expect(backend.of("POST /auth/v1/mfa/verify")).toHaveLength(1);
  expect(backend.of(NOTES)).toHaveLength(10);
});

test("whoever is asked is told what for", async () => {
  const asked = deferred<StepUp>();
  const signedIn = session({ factors: [totp("1"), totp("2", { status: "unverified" })] });
  const client = clientOf(guarded(), signedIn, {
    onMfaRequired: (step) => {
      asked.resolve(step);
      return false;
    },
  });
  void client.request("GET", "rest/v1/notes?select=*");
  const { signal, factors, ...told } = await asked.promise;
  expect(factors.map(({ id, name }) => [id, name])).toEqual([["1", "App 1"]]);
  expect(told).toMatchObject({
    next: "challenge",
    deadline: null,
    url: "https://id/mfa",
    message: "It is mfa_required",
  });
  expect(signal).toBeInstanceOf(AbortSignal);
});

test("a second refusal is answered as it is, and nobody is asked again", async () => {
  const backend = site({ [NOTES]: () => mfaRequired() });
  const onMfaRequired = vi.fn(() => true);
  const client = clientOf(backend, session(), { onMfaRequired });
  const { error } = await client.from("notes").select();
  expect(isMfaRequired(error)).toBe(true);
  expect(isStepUpCancelled(error)).toBe(false);
  expect(onMfaRequired).toHaveBeenCalledOnce();
  expect(backend.of(NOTES)).toHaveLength(2);
});

test.each([
  ["false", () => false],
  ["a promise of false", async () => false],
  [
    "an exception",
    () => {
      throw new Error("no dialog here");
    },
  ],
  ["a rejection", () => Promise.reject(new Error("closed"))],
])("giving up by %s is an error for each who waits", async (_, onMfaRequired) => {
  const backend = guarded();
  const client = clientOf(backend, session(), { onMfaRequired });
  const [row, answer] = await Promise.all([
    client.from("notes").select(),
    client.request("GET", "rest/v1/notes?select=*"),
  ]);
  for (const { data, error } of [row, answer]) {
    expect(data).toBeNull();
    expect(isStepUpCancelled(error)).toBe(true);
    expect(isMfaRequired(error)).toBe(true);
    expect((error as unknown as { details: object }).details).toMatchObject({ next: "challenge" });
  }
  expect(backend.of(NOTES)).toHaveLength(2);
});

test("giving up is known also to those who let errors be thrown", async () => {
  const client = clientOf(guarded(), session(), { onMfaRequired: () => false });
  const thrown = await client.from("notes").select().throwOnError().then(() => null, (error) => error);
  expect(isStepUpCancelled(thrown)).toBe(true);
});

test("after the one was given up, the next refusal asks anew", async () => {
  const onMfaRequired = vi.fn(() => false);
  const client = clientOf(guarded(), session(), { onMfaRequired });
  await client.from("notes").select();
  await client.from("notes").select();
  expect(onMfaRequired).toHaveBeenCalledTimes(2);
});

test("a step-up that takes too long is given up, and its signal says so", async () => {
  vi.useFakeTimers();
  const asked = deferred<StepUp>();
  const client = clientOf(guarded(), session(), {
    stepUpTimeout: 1000,
    onMfaRequired: (step) => {
      asked.resolve(step);
      return new Promise(() => {});
    },
  });
  const call = client.request("GET", "rest/v1/notes?select=*");
  const { signal } = await asked.promise;
  await vi.advanceTimersByTimeAsync(999);
  expect(signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isStepUpCancelled((await call).error)).toBe(true);
  expect(signal.aborted).toBe(true);
});

test("a step-up that is over leaves no timer and no listener behind", async () => {
  vi.useFakeTimers();
  const client = clientOf(guarded(), session(), { onMfaRequired: () => false });
  await client.auth.initialize();
  const timers = vi.getTimerCount();
  const listeners = (client.auth as unknown as { stateChangeEmitters: Map<symbol, unknown> }).stateChangeEmitters;
  const before = listeners.size;
  await client.request("GET", "rest/v1/notes?select=*");
  expect(vi.getTimerCount()).toBe(timers);
  expect(listeners.size).toBe(before);
});

test("without anybody to ask, the refusal is the answer", async () => {
  const backend = guarded();
  const { error } = await clientOf(backend, session()).from("notes").select();
  expect(isMfaRequired(error)).toBe(true);
  expect(isStepUpCancelled(error)).toBe(false);
  expect(backend.of(NOTES)).toHaveLength(1);
});

test("nobody who is not signed in is asked for a second step", async () => {
  const onMfaRequired = vi.fn(() => true);
  const client = clientOf(guarded(), null, { onMfaRequired });
  expect(isMfaRequired((await client.from("notes").select()).error)).toBe(true);
  expect(onMfaRequired).not.toHaveBeenCalled();
});

test("other refusals ask nobody", async () => {
  const onMfaRequired = vi.fn(() => true);
  const client = clientOf(site(), session(), { onMfaRequired });
  expect((await client.from("notes").select()).error?.code).toBe("not_found");
  expect(onMfaRequired).not.toHaveBeenCalled();
});

test("calls made meanwhile go to the server, and those that it refuses wait too", async () => {
  const backend = guarded();
  backend.answers["GET /rest/v1/public?select=*"] = () => Response.json([]);
  const asked = deferred();
  const person = deferred<boolean>();
  const onMfaRequired = vi.fn(() => {
    asked.resolve();
    return person.promise;
  });
  const client = clientOf(backend, session(), { onMfaRequired });
  const first = client.request("GET", "rest/v1/notes?select=*");
  await asked.promise;
  expect((await client.from("public").select()).data).toEqual([]);
  const second = client.request("GET", "rest/v1/notes?select=*");
  await vi.waitFor(() => expect(backend.of(NOTES)).toHaveLength(2));
  await client.auth.verifyMfa({ code: "123456" });
  person.resolve(true);
  expect((await first).data).toEqual(rows);
  expect((await second).data).toEqual(rows);
  expect(onMfaRequired).toHaveBeenCalledOnce();
});

test("whoever sends again by themselves gets the refusal after the step-up", async () => {
  const backend = guarded();
  const onMfaRequired = vi.fn(() => true);
  const client = clientOf(backend, session(), { onMfaRequired, retryAfterStepUp: false });
  const { error } = await client.from("notes").select();
  expect(isMfaRequired(error)).toBe(true);
  expect(isStepUpCancelled(error)).toBe(false);
  expect(onMfaRequired).toHaveBeenCalledOnce();
  expect(backend.of(NOTES)).toHaveLength(1);
});
