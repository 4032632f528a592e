import type { JwtPayload, Session, SupportedStorage } from "@supabase/auth-js";
import { expectTypeOf, test } from "vitest";
import { createClient, type Client, type Options, type StepUp } from "../../src/index.js";
import { secureStorage } from "../../src/native/index.js";
import { createStepUpPrompt, useSession, useStepUp } from "../../src/react/index.js";
import {
  cookieJar,
  createBrowserClient,
  createServerClient,
  requireSession,
  type BrowserOptions,
  type Cookies,
  type ServerOptions,
} from "../../src/server/index.js";

const URL = "https://id.example.com/b/shop";
type Tables = { public: { Tables: Record<never, never>; Views: Record<never, never>; Functions: Record<never, never> } };

test("React: a session exists exactly for who is signed in", () => {
  const state = useSession(createClient(URL, "lk_anon_1"));
  if (state.status === "signed-in") expectTypeOf(state.session).toEqualTypeOf<Session>();
  else expectTypeOf(state.session).toBeNull();
  expectTypeOf(useSession).toBeCallableWith(createClient<Tables>(URL, "lk_anon_1"));
});

test("React: a prompt fits into a client", () => {
  const prompt = createStepUpPrompt();
  expectTypeOf(prompt.ask).toExtend<NonNullable<Options["onMfaRequired"]>>();
  expectTypeOf(useStepUp(prompt).step).toEqualTypeOf<StepUp | null>();
});

test("server: a client like any other, of the request's cookies", () => {
  expectTypeOf(createServerClient(URL, "lk_anon_1", { cookies: cookieJar(null) })).toEqualTypeOf<Client>();
  expectTypeOf(createBrowserClient(URL, "lk_anon_1")).toEqualTypeOf<Client>();
  // @ts-expect-error: there are no cookies
  createServerClient(URL, "lk_anon_1", {});
});

test("server: what cannot work there is no option", () => {
  expectTypeOf<keyof ServerOptions & ("onMfaRequired" | "mfaRedirect" | "storage")>().toBeNever();
  expectTypeOf<NonNullable<BrowserOptions["cookie"]>>().not.toHaveProperty("httpOnly");
});

test("server: cookies as frameworks have them", () => {
  expectTypeOf<{ get(name: string): Promise<string | undefined> }>().toExtend<Cookies>();
  expectTypeOf<{ set(name: string, value: string): void }>().not.toExtend<Cookies>();
});

test("server: who is not sent away has claims", async () => {
  const client = createClient(URL, "lk_anon_1");
  const where = { here: "/", signIn: "/sign-in", stepUp: "/verify" };
  const { claims, location } = await requireSession(client, where);
  if (location === null) expectTypeOf(claims).toEqualTypeOf<JwtPayload>();
  else expectTypeOf(location).toBeString();
});

test("native: both kinds of storage fit into a client", () => {
  type AsyncStorage = {
    getItem(key: string): Promise<string | null>;
    setItem(key: string, value: string): Promise<void>;
    removeItem(key: string): Promise<void>;
  };
  expectTypeOf<AsyncStorage>().toExtend<SupportedStorage>();
  expectTypeOf(secureStorage).returns.toEqualTypeOf<SupportedStorage>();
});
