// @vitest-environment happy-dom
import type { AuthChangeEvent, Session } from "@supabase/auth-js";
import { act, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { useSession, type AuthOf } from "../../../src/react/index.js";
import { render } from "./render.js";

type Listener = (event: AuthChangeEvent, session: Session | null) => void;

/** The part of a client that the hook listens to. */
function client() {
  const listeners = new Set<Listener>();
  const auth = {
    onAuthStateChange(callback: Listener) {
      listeners.add(callback);
      const subscription = { id: "", callback, unsubscribe: () => listeners.delete(callback) };
      return { data: { subscription } };
    },
  };
  const say = (event: AuthChangeEvent, session: Session | null) =>
    act(async () => listeners.forEach((listener) => listener(event, session)));
  return { client: { auth } as AuthOf, listeners, say };
}

function session(token: string, email = "ada@example.com"): Session {
  return { access_token: token, user: { email } } as Session;
}

let renders = 0;
function Who({ of }: { of: AuthOf }) {
  renders += 1;
  const { status, session } = useSession(of);
  return `${status} ${session?.user.email ?? ""}`;
}

test("it loads, signs in and signs out", async () => {
  const { client: one, say } = client();
  const page = await render(<Who of={one} />);
  expect(page.text()).toBe("loading ");
  await say("INITIAL_SESSION", null);
  expect(page.text()).toBe("signed-out ");
  await say("SIGNED_IN", session("1"));
  expect(page.text()).toBe("signed-in ada@example.com");
  await say("SIGNED_OUT", null);
  expect(page.text()).toBe("signed-out ");
});

test("a changed user is shown, the same session again is no news", async () => {
  const { client: one, say } = client();
  const page = await render(<Who of={one} />);
  await say("INITIAL_SESSION", session("1"));
  const before = renders;
  await say("SIGNED_IN", session("1"));
  expect(renders).toBe(before);
  await say("USER_UPDATED", session("1", "lovelace@example.com"));
  expect(page.text()).toBe("signed-in lovelace@example.com");
});

test("a refresh or a second step hands out the new session", async () => {
  const { client: one, say } = client();
  let token: string | undefined;
  function Token() {
    token = useSession(one).session?.access_token;
    return null;
  }
  await render(<Token />);
  await say("INITIAL_SESSION", session("1"));
  await say("MFA_CHALLENGE_VERIFIED", session("2"));
  expect(token).toBe("2");
});

test("components share one listener, and the last one to leave takes it away", async () => {
  const { client: one, listeners } = client();
  const both = (
    <StrictMode>
      <Who of={one} />
      <Who of={one} />
    </StrictMode>
  );
  const page = await render(both);
  expect(listeners.size).toBe(1);
  await page.show([<Who key="1" of={one} />, <Who key="2" of={one} />]);
  await page.show([<Who key="2" of={one} />]);
  expect(listeners.size).toBe(1);
  await page.leave();
  expect(listeners.size).toBe(0);
});

test("two clients are two sessions", async () => {
  const [one, other] = [client(), client()];
  const page = await render([<Who key="1" of={one.client} />, <Who key="2" of={other.client} />]);
  await one.say("INITIAL_SESSION", session("1"));
  expect(page.text()).toBe("signed-in ada@example.comloading ");
});

test("on a server it loads, whoever was signed in before", async () => {
  const { client: one, say } = client();
  await render(<Who of={one} />);
  await say("INITIAL_SESSION", session("1"));
  expect(renderToString(<Who of={one} />)).toBe("loading ");
});
