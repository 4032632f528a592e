// @vitest-environment happy-dom
import type { AuthChangeEvent, Session } from "@supabase/auth-js";
import { act } from "react";
import { expect, test } from "vitest";
import type { MfaStatus, Result } from "../../../src/index.js";
import { useMfaStatus } from "../../../src/react/index.js";
import { render } from "./render.js";

type Listener = (event: AuthChangeEvent, session: Session | null) => void;
type Answer = (result: Result<MfaStatus>) => void;

/** The part of a client that the hook asks, whose answers are given by hand. */
function client() {
  let hear: Listener = () => undefined;
  const asked: Answer[] = [];
  const auth = {
    onAuthStateChange(callback: Listener) {
      hear = callback;
      return { data: { subscription: { id: "", callback, unsubscribe: () => undefined } } };
    },
    mfaStatus: () => new Promise<Result<MfaStatus>>((answer) => asked.push(answer)),
  };
  const signIn = (token: string) =>
    act(async () => hear("SIGNED_IN", { access_token: token } as Session));
  const answer = (index: number, level: "aal1" | "aal2") =>
    act(async () => asked[index]!({ data: { level, enrolled: true, next: null }, error: null }));
  return { client: { auth }, asked, signIn, answer };
}

function Level({ of }: { of: ReturnType<typeof client>["client"] }) {
  return useMfaStatus(of)?.level ?? "unknown";
}

test("the status is read at first, and again for a new session", async () => {
  const { client: one, signIn, answer } = client();
  const page = await render(<Level of={one} />);
  expect(page.text()).toBe("unknown");
  await answer(0, "aal1");
  expect(page.text()).toBe("aal1");
  await signIn("1");
  await answer(1, "aal2");
  expect(page.text()).toBe("aal2");
});

test("a late answer about an earlier session is not shown", async () => {
  const { client: one, signIn, answer } = client();
  const page = await render(<Level of={one} />);
  await signIn("1");
  await answer(1, "aal2");
  await answer(0, "aal1");
  expect(page.text()).toBe("aal2");
});

test("the same session again is not read again", async () => {
  const { client: one, asked, signIn } = client();
  await render(<Level of={one} />);
  await signIn("1");
  await signIn("1");
  expect(asked).toHaveLength(2);
});
