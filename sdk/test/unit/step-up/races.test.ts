import { expect, test, vi } from "vitest";
import { isStepUpCancelled, type StepUp } from "../../../src/index.js";
import { clientOf, deferred, mfaRequired, site, type Call } from "../support/site.js";
import { session } from "../support/tokens.js";
import type { AuthChangeEvent, Session } from "@supabase/auth-js";

const NOTES = "GET /rest/v1/notes?select=*";
const rows = [{ id: 1 }];

/** A client whose person is asked and does not answer; what happens meanwhile is up to the test. */
function waiting(signedIn: Session, allowed: Session, answers: Parameters<typeof site>[0] = {}) {
  const notes = ({ token }: Call) =>
    token === allowed.access_token ? Response.json(rows) : mfaRequired();
  const backend = site({ [NOTES]: notes, ...answers });
  const asked = deferred<StepUp>();
  const person = deferred<boolean>();
  const onMfaRequired = vi.fn((step: StepUp) => {
    asked.resolve(step);
    return person.promise;
  });
  const client = clientOf(backend, signedIn, { onMfaRequired });
  const read = () => client.request("GET", "rest/v1/notes?select=*");
  /** What another tab does: the session is stored, and then told. */
  const otherTab = (event: AuthChangeEvent, next: Session | null) => {
    if (next) client.storage.setItem("lingauth-shop", JSON.stringify(next));
    else client.storage.removeItem("lingauth-shop");
    const auth = client.auth as unknown as {
      _notifyAllSubscribers(event: AuthChangeEvent, session: Session | null, send: boolean): Promise<void>;
    };
    return auth._notifyAllSubscribers(event, next, false);
  };
  return { backend, client, asked: asked.promise, person, onMfaRequired, read, otherTab };
}

test("a verification in another tab releases who waits here, and the signal says so", async () => {
  const allowed = session({ verifiedAt: 1000 });
  const { read, asked, otherTab } = waiting(session(), allowed);
  const call = read();
  const { signal } = await asked;
  expect(signal.aborted).toBe(false);
  await otherTab("MFA_CHALLENGE_VERIFIED", allowed);
  expect((await call).data).toEqual(rows);
  expect(signal.aborted).toBe(true);
});

test("so does a second step taken on the hosted page, which comes back as a sign-in", async () => {
  const allowed = session({ verifiedAt: 1000 });
  const { read, asked, otherTab } = waiting(session(), allowed);
  const call = read();
  await asked;
  await otherTab("SIGNED_IN", allowed);
  expect((await call).data).toEqual(rows);
});

test("a call refused just after the step-up ended is sent again, and nobody is asked", async () => {
  const allowed = session({ verifiedAt: 1000 });
  const late = deferred();
  const { backend, client, read, onMfaRequired } = waiting(session(), allowed, {
    "POST /auth/v1/mfa/verify": () => Response.json(allowed),
  });
  const answer = backend.answers[NOTES]!;
  backend.answers[NOTES] = async (call) => {
    if (call.token !== allowed.access_token) await late.promise;
    return answer(call);
  };
  const call = read();
  await vi.waitFor(() => expect(backend.of(NOTES)).toHaveLength(1));
  await client.auth.verifyMfa({ code: "123456" });
  late.resolve();
  expect((await call).data).toEqual(rows);
  expect(onMfaRequired).not.toHaveBeenCalled();
});

test("a refresh meanwhile ends nothing, and its token is the one that is used", async () => {
  const refreshed = session();
  const { read, asked, person, otherTab, onMfaRequired } = waiting(session(), refreshed);
  const call = read();
  const { signal } = await asked;
  await otherTab("TOKEN_REFRESHED", refreshed);
  expect(signal.aborted).toBe(false);
  person.resolve(true);
  expect((await call).data).toEqual(rows);
  expect(onMfaRequired).toHaveBeenCalledOnce();
});

test("signing in again is no second step", async () => {
  const { read, asked, otherTab } = waiting(session(), session());
  const call = read();
  const { signal } = await asked;
  await otherTab("SIGNED_IN", session({ signedInAt: 2000 }));
  expect(signal.aborted).toBe(false);
  await otherTab("SIGNED_OUT", null);
  expect(isStepUpCancelled((await call).error)).toBe(true);
});

test("at aal2 already, only a newer second step is enough for who asks for a recent one", async () => {
  const allowed = session({ verifiedAt: 2000 });
  const { read, asked, otherTab } = waiting(session({ verifiedAt: 1000 }), allowed);
  const call = read();
  const { signal } = await asked;
  await otherTab("TOKEN_REFRESHED", session({ verifiedAt: 1000 }));
  expect(signal.aborted).toBe(false);
  await otherTab("MFA_CHALLENGE_VERIFIED", allowed);
  expect((await call).data).toEqual(rows);
});

test("signing out gives it up", async () => {
  const { read, asked, otherTab } = waiting(session(), session());
  const call = read();
  const { signal } = await asked;
  await otherTab("SIGNED_OUT", null);
  expect(isStepUpCancelled((await call).error)).toBe(true);
  expect(signal.aborted).toBe(true);
});

test("another person's session gives it up, and their token is not used for it", async () => {
  const bob = session({ sub: "bob", verifiedAt: 1000 });
  const { backend, read, asked, otherTab } = waiting(session(), bob);
  const call = read();
  await asked;
  await otherTab("SIGNED_IN", bob);
  expect(isStepUpCancelled((await call).error)).toBe(true);
  expect(backend.calls.filter(({ token }) => token === bob.access_token)).toEqual([]);
});

test("a late call of who was here before does not join another person's step-up", async () => {
  const ada = session();
  const bob = session({ sub: "bob" });
  const allowed = session({ sub: "bob", verifiedAt: 1000 });
  const late = deferred();
  const { backend, read, asked, otherTab } = waiting(ada, allowed);
  const answer = backend.answers[NOTES]!;
  backend.answers[NOTES] = async (call) => {
    if (call.token === ada.access_token) await late.promise;
    return answer(call);
  };
  const adas = read();
  await vi.waitFor(() => expect(backend.of(NOTES)).toHaveLength(1));
  await otherTab("SIGNED_IN", bob);
  const bobs = read();
  await asked;
  late.resolve();
  await new Promise(setImmediate); // hers was refused, and waits
  await otherTab("MFA_CHALLENGE_VERIFIED", allowed);
  expect((await bobs).data).toEqual(rows);
  expect(isStepUpCancelled((await adas).error)).toBe(true);
  expect(backend.of(NOTES).filter(({ token }) => token === allowed.access_token)).toHaveLength(1);
});

test("what a person answers after the end changes nothing", async () => {
  const { read, asked, person, otherTab, onMfaRequired } = waiting(session(), session());
  const call = read();
  await asked;
  await otherTab("SIGNED_OUT", null);
  expect(isStepUpCancelled((await call).error)).toBe(true);
  person.resolve(true);
  await person.promise;
  expect(onMfaRequired).toHaveBeenCalledOnce();
});
