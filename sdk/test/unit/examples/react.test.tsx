// @vitest-environment happy-dom
import { act, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";
import { fakeBackend } from "../fake-backend.js";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const backend = fakeBackend();
backend.required = true;
vi.stubGlobal("fetch", backend.fetch);
const { client } = await import("../../../examples/react/client.js");
const { Account } = await import("../../../examples/react/Account.js");
const { Notes } = await import("../../../examples/react/Notes.js");
const { TwoFactor } = await import("../../../examples/react/TwoFactor.js");
const { SecondStep } = await import("../../../examples/react/SecondStep.js");

const root = createRoot(document.body.appendChild(document.createElement("div")));
const show = (page: ReactNode) => act(async () => root.render(page));
const reads = () => backend.paths().filter((path) => path === "/rest/v1/notes").length;

afterEach(async () => {
  await show(null);
  await client.auth.signOut({ scope: "local" });
  backend.calls.length = 0;
});

/** Until the page shows it. React draws at the end of an `act`, so there is one for each look. */
async function shown(what: string) {
  await vi.waitFor(async () => {
    await act(async () => {});
    expect(document.body.textContent).toContain(what);
  });
}

async function press(name: string) {
  const buttons = [...document.querySelectorAll("button")];
  const button = buttons.find(({ textContent }) => textContent === name);
  await act(async () => button?.click());
}

function type(name: string, value: string) {
  document.querySelector<HTMLInputElement>(`input[name=${name}]`)!.value = value;
}

test("the story: sign in, be asked for a second step, set it up, read", async () => {
  await show(<Account />);
  await shown("Sign in");
  type("email", "ada@example.com");
  type("password", "correct horse");
  await press("Sign in");
  await shown("ada@example.com");

  await show([<TwoFactor key="on" />, <Notes key="notes" />, <SecondStep key="step" />]);
  await shown("Two-factor is off.");
  await shown("Set up a second step");
  await press("Show the QR code");
  await shown("SECRET");
  type("code", "000000");
  await press("Verify");
  await shown("mfa_verification_failed");
  type("code", "123456");
  await press("Verify");
  await shown("Hello");
  await shown("Two-factor is on.");
  expect(document.querySelector("dialog")).toBeNull();
  expect(reads()).toBe(2);
});

test("who gives up is told, and nothing is sent again", async () => {
  await client.auth.signInWithPassword({ email: "ada@example.com", password: "correct horse" });
  await show([<Notes key="notes" />, <SecondStep key="step" />]);
  await shown("Confirm that it is you");
  await press("Not now");
  await shown("mfa_required");
  expect(reads()).toBe(1);
});
