import type { AuthError, GoTrueClient, Session, User } from "@supabase/auth-js";
import { expectTypeOf, test } from "vitest";
import { createClient, type ApiError, type Auth, type AuthAdditions } from "../../src/index.js";

const client = createClient("https://id.example.com/b/shop", "lk_anon_1");

test("what is added hides nothing of auth-js", () => {
  expectTypeOf<keyof AuthAdditions & keyof GoTrueClient>().toBeNever();
  expectTypeOf<Auth>().toExtend<GoTrueClient>();
  expectTypeOf(client.auth.signInWithPassword).toEqualTypeOf<GoTrueClient["signInWithPassword"]>();
});

test("the two snippets of every guide", async () => {
  {
    const { data } = await client.auth.enrollMfa();
    expectTypeOf(data!.otpauthUrl).toBeString();
    expectTypeOf(data!.secret).toBeString();
    expectTypeOf(data!.qrCode).toBeString();
  }
  {
    const userTypedCode = "123456";
    const { error } = await client.auth.verifyMfa({ code: userTypedCode });
    expectTypeOf(error).toEqualTypeOf<AuthError | ApiError | null>();
  }
});

test("data is there exactly when there is no error", async () => {
  const { data, error } = await client.auth.verifyMfa({ code: "123456" });
  if (error) expectTypeOf(data).toBeNull();
  else expectTypeOf(data).toExtend<{ session: Session; user: User }>();
});

test("a code is needed, and what it is for may be said", () => {
  expectTypeOf(client.auth.verifyMfa).toBeCallableWith({ code: "1", factorId: "1" });
  expectTypeOf(client.auth.verifyMfa).toBeCallableWith({ code: "1", factorId: "1", challengeId: "1" });
  // @ts-expect-error: there is no code
  client.auth.verifyMfa({});
});
