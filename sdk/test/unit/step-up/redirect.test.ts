import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isStepUpCancelled, type Options } from "../../../src/index.js";
import { clientOf, mfaRequired, refused, site } from "../support/site.js";
import { session } from "../support/tokens.js";

const NOTES = "GET /rest/v1/notes?select=*";
const BEGIN = "POST /auth/v1/mfa/step-up";
const PAGE = "https://id.example.com/b/shop/mfa/step-up?ticket=1";
const HERE = "https://app.example.com/notes?tab=own";
const BACK = `${HERE}&error=access_denied&error_code=step_up_cancelled&error_description=Not+taken`;

let assign: ReturnType<typeof vi.fn>;
let shown: ((event: { persisted: boolean }) => void) | undefined;

/** What of a browser counts here: where the page is, and whether the person has done anything. */
function at(href: string, hasBeenActive = false) {
  assign = vi.fn();
  vi.stubGlobal("location", { href, assign });
  vi.stubGlobal("navigator", { userActivation: { hasBeenActive } });
  vi.stubGlobal("addEventListener", (name: string, hear: typeof shown) => name === "pageshow" && (shown = hear));
}

beforeEach(() => {
  vi.stubGlobal("reportError", vi.fn());
  at(HERE);
});
afterEach(() => vi.unstubAllGlobals());

function asking(options: Options = { mfaRedirect: "hosted" }, begin = () => Response.json({ url: PAGE })) {
  const backend = site({ [NOTES]: () => mfaRequired(), [BEGIN]: begin });
  const client = clientOf(backend, session(), options);
  const answer = client.request("GET", "rest/v1/notes?select=*");
  const begun = () => backend.of(BEGIN).map(({ body }) => body as Record<string, string>);
  return { answer, begun, client };
}

const left = () => vi.waitFor(() => expect(assign).toHaveBeenCalledOnce());

test("the browser goes to the hosted page, by a way that leads back here with a code", async () => {
  const { begun, client } = asking();
  await left();
  expect(assign).toHaveBeenCalledWith(PAGE);
  const [{ redirect_to = "", code_challenge, code_challenge_method } = {}] = begun();
  expect([code_challenge?.length, code_challenge_method]).toEqual([43, "s256"]);
  const back = new URL(redirect_to);
  const flow = back.searchParams.get("sb_flow_id");
  back.searchParams.delete("sb_flow_id");
  expect(back.href).toBe(HERE);
  expect(client.storage.items).toHaveProperty(`lingauth-shop-flow-${flow}-code-verifier`);
});

test("an address of one's own is gone to as it is", async () => {
  const { begun } = asking({ mfaRedirect: ({ next }) => `/second-step?${next}` });
  await left();
  expect(assign).toHaveBeenCalledWith("/second-step?challenge");
  expect(begun()).toEqual([]);
});

test("who comes back without the step is not sent there again before they do something", async () => {
  at(BACK);
  const { answer } = asking();
  expect(isStepUpCancelled((await answer).error)).toBe(true);
  expect(assign).not.toHaveBeenCalled();
});

test("and then they are, and what was told of the last time is no longer in the address", async () => {
  at(BACK, true);
  const { begun } = asking();
  await left();
  expect(begun()[0]?.["redirect_to"]).toMatch(/^https:\/\/app\.example\.com\/notes\?tab=own&sb_flow_id=\w+$/);
});

test("an error of something else keeps nobody here", async () => {
  at(`${HERE}&error_code=identity_already_exists`);
  asking();
  await left();
});

test("a page that is shown again as it was left has given the step up", async () => {
  const { answer } = asking();
  await left();
  await vi.waitFor(() => expect(shown).toBeDefined());
  const answered = vi.fn();
  void answer.then(answered);
  shown?.({ persisted: false }); // it has finished loading
  await new Promise((macrotask) => setTimeout(macrotask));
  expect(answered).not.toHaveBeenCalled();
  shown?.({ persisted: true });
  expect(isStepUpCancelled((await answer).error)).toBe(true);
});

test("why there is no way to the page is reported, and the calls are answered", async () => {
  const { answer } = asking(undefined, () => refused(400, "validation_failed"));
  expect(isStepUpCancelled((await answer).error)).toBe(true);
  expect(reportError).toHaveBeenCalledWith(expect.objectContaining({ code: "validation_failed" }));
  expect(assign).not.toHaveBeenCalled();
});
