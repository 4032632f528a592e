import { expectTypeOf, test } from "vitest";
import {
  createClient,
  isMfaRequired,
  isStepUpCancelled,
  type Client,
  type Options,
  type StepUp,
} from "../../src/index.js";

type Database = {
  public: {
    Tables: {
      notes: {
        Row: { id: number; title: string };
        Insert: { title: string };
        Update: { title?: string };
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: Record<never, never>;
  };
};

const URL = "https://id.example.com/b/shop";

test("rows have the types of the database", async () => {
  const client = createClient<Database>(URL, "lk_anon_1");
  const { data, error } = await client.from("notes").select("title");
  if (!error) expectTypeOf(data).toEqualTypeOf<{ title: string }[]>();
  // @ts-expect-error: there is no such table
  client.from("nots");
  // @ts-expect-error: there is no such column
  client.from("notes").insert({ titel: "Hello" });
});

test("without one, rows may be anything", async () => {
  const { data } = await createClient(URL, "lk_anon_1").from("notes").select("title");
  expectTypeOf(data).toExtend<{ title: string }[] | null>();
  expectTypeOf(createClient<Database>(URL, "lk_anon_1")).toExtend<Pick<Client, "auth" | "request">>();
});

test("what a request answers is the caller's word for it", async () => {
  const client = createClient(URL, "lk_anon_1");
  const { data, error } = await client.request<{ total: number }>("GET", "/totals");
  if (!error) expectTypeOf(data).toEqualTypeOf<{ total: number }>();
  const unsaid = await client.request("GET", "/totals");
  if (!unsaid.error) expectTypeOf(unsaid.data).toBeUnknown();
});

test("an error tells what to do next, once it was asked", () => {
  const error: unknown = null;
  if (isMfaRequired(error)) {
    expectTypeOf(error.details.next).toEqualTypeOf<"enroll" | "challenge">();
    expectTypeOf(error.details.url).toBeString();
  }
  if (isStepUpCancelled(error)) expectTypeOf(error.code).toEqualTypeOf<"mfa_required">();
});

test("whoever asks for the second step is told about it, and answers", () => {
  expectTypeOf<NonNullable<Options["onMfaRequired"]>>().parameter(0).toEqualTypeOf<StepUp>();
  expectTypeOf<(step: StepUp) => Promise<boolean>>().toExtend<NonNullable<Options["onMfaRequired"]>>();
  expectTypeOf<() => void>().not.toExtend<NonNullable<Options["onMfaRequired"]>>();
  expectTypeOf<{ mfaRedirect: "hosted" }>().toExtend<Options>();
  expectTypeOf<{ mfaRedirect: "elsewhere" }>().not.toExtend<Options>();
});
