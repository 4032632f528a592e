// @vitest-environment happy-dom
import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import { fakeBackend } from "../fake-backend.js";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

/** Until the page shows it. What it waits for is answered in the same process. */
async function shown(what: string) {
  await act(() => vi.waitFor(() => expect(document.body.textContent).toContain(what)));
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
  const backend = fakeBackend();
  backend.required = true;
  vi.stubGlobal("fetch", backend.fetch);
  const { Account } = await import("../../../examples/react/Account.js");
  const { Notes } = await import("../../../examples/react/Notes.js");
  const { SecondStep } = await import("../../../examples/react/SecondStep.js");
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () => root.render(<Account />));
  await shown("Sign in");
  type("email", "ada@example.com");
  type("password", "correct horse");
  await press("Sign in");
  await shown("ada@example.com");

  await act(async () =>
    root.render(
      <>
        <Account />
        <Notes />
        <SecondStep />
      </>,
    ),
  );
  await shown("Set up a second step");
  await press("Show the QR code");
  await shown("SECRET");
  type("code", "000000");
  await press("Verify");
  await shown("mfa_verification_failed");
  type("code", "123456");
  await press("Verify");
  await shown("Hello");
  expect(document.querySelector("dialog")).toBeNull();
  expect(backend.paths().filter((path) => path === "/rest/v1/notes")).toHaveLength(2);
  await act(async () => root.unmount());
});

test("who gives up is told, and nothing is sent again", async () => {
  const backend = fakeBackend();
  backend.required = true;
  vi.stubGlobal("fetch", backend.fetch);
  vi.resetModules();
  localStorage.clear();
  const { client } = await import("../../../examples/react/client.js");
  const { Notes } = await import("../../../examples/react/Notes.js");
  const { SecondStep } = await import("../../../examples/react/SecondStep.js");
  await client.auth.signInWithPassword({ email: "ada@example.com", password: "correct horse" });
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () => root.render([<Notes key="notes" />, <SecondStep key="step" />]));
  await shown("Set up a second step");
  await press("Not now");
  await shown("mfa_required");
  expect(backend.paths().filter((path) => path === "/rest/v1/notes")).toHaveLength(1);
  await act(async () => root.unmount());
});
