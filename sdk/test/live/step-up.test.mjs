// Calls that are refused until a second step was taken: one step for all of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Authenticator } from "../../../tests/clients/js/support/authenticator.mjs";
import { site } from "../../../tests/clients/js/support/site.mjs";
import { anotherVisit, count, data, newClient, signedUp } from "./support/client.mjs";
import { isMfaRequired, isStepUpCancelled } from "./support/sdk.mjs";

const { sdk } = site.backends;

/** Somebody with a factor, on a later visit. */
async function later(options) {
  const first = await signedUp(sdk);
  const { secret } = await data(first.auth.enrollMfa());
  const authenticator = new Authenticator(secret);
  await data(first.auth.verifyMfa({ code: await authenticator.code() }));
  return { authenticator, client: await anotherVisit(sdk, first, options) };
}

/** A fetch with a promise that is kept when so many of its answers were of that kind. */
function counting(times, kind) {
  let reached;
  const all = new Promise((resolve) => (reached = resolve));
  const fetch = async (...request) => {
    const answer = await globalThis.fetch(...request);
    if (kind(answer) && --times === 0) reached();
    return answer;
  };
  return { fetch, all };
}

test("five calls at once: one prompt, one verification, one more try each", async () => {
  const asked = [];
  const refusals = counting(5, (answer) => answer.status === 403);
  const { authenticator, client } = await later({
    fetch: refusals.fetch,
    async onMfaRequired(step) {
      asked.push([step.next, step.factors.map((factor) => factor.name)]);
      await refusals.all; // else the server sees a session at aal2 before the last of them
      return !(await client.auth.verifyMfa({ code: await authenticator.code() })).error;
    },
  });
  const titles = ["1", "2", "3", "4", "5"];
  const answers = await Promise.all(titles.map((title) => client.from("notes").insert({ title })));
  assert.deepEqual(answers.map(({ error }) => error), Array(5).fill(null));
  assert.deepEqual(asked, [["challenge", ["Authenticator app"]]]);
  assert.equal(count(client, "POST /rest/v1/notes 403"), 5);
  assert.equal(count(client, "POST /rest/v1/notes 201"), 5);
  assert.equal(client.calls.filter((call) => call.includes("/verify ")).length, 1);
  const notes = await data(client.from("notes").select("title").order("title"));
  assert.deepEqual(notes.map((note) => note.title), titles);
});

test("a first authenticator is set up inside the step", async () => {
  const client = await signedUp(sdk, {
    async onMfaRequired(step) {
      assert.equal(step.next, "enroll");
      const { secret } = await data(client.auth.enrollMfa());
      const code = await new Authenticator(secret).code();
      return !(await client.auth.verifyMfa({ code })).error;
    },
  });
  assert.deepEqual(await data(client.from("notes").select()), []);
});

test("who gives up gets the refusal, and the next call asks again", async () => {
  let asked = 0;
  const { client } = await later({ onMfaRequired: () => ++asked < 0 });
  const { error } = await client.from("notes").select();
  assert.ok(isMfaRequired(error));
  assert.ok(isStepUpCancelled(error));
  await client.from("notes").select();
  assert.equal(asked, 2);
});

test("a yes without a verification ends in the second refusal, and not in a circle", async () => {
  let asked = 0;
  const { client } = await later({ onMfaRequired: () => ++asked > 0 });
  const { error } = await client.from("notes").select();
  assert.ok(isMfaRequired(error));
  assert.ok(!isStepUpCancelled(error));
  assert.equal(asked, 1);
  assert.equal(count(client, "GET /rest/v1/notes"), 2);
});

test("a stranger is answered without a step", async () => {
  const stranger = newClient(sdk, { onMfaRequired: () => assert.fail("asked") });
  await data(stranger.from("notes").select());
});

test("what an app asks with `request` takes the same step", async () => {
  const { authenticator, client } = await later({
    onMfaRequired: async () => !(await client.auth.verifyMfa({ code: await authenticator.code() })).error,
  });
  const made = await data(client.request("POST", "rest/v1/notes", { title: "Asked" }, {
    headers: { Prefer: "return=representation" },
  }));
  assert.deepEqual(made.map((note) => note.title), ["Asked"]);
});
