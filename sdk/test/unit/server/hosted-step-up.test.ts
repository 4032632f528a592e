import { expect, test } from "vitest";
import { createServerClient, hostedStepUp } from "../../../src/server/index.js";
import { fakeBackend } from "../fake-backend.js";
import { memoryCookies } from "./memory-cookies.js";

function browser() {
  const { fetch } = fakeBackend();
  const { cookies } = memoryCookies();
  return () => createServerClient("https://id.example.com/b/shop", "lk_anon_1", { fetch, cookies });
}

test("the person goes to the backend's page, and a later request trades their code", async () => {
  const request = browser();
  await request().auth.signInWithPassword({ email: "ada@example.com", password: "correct horse" });
  const { data } = await hostedStepUp(request(), "https://app.example.com/back?next=/notes");
  const [, back = ""] = /^https:\/\/id\.example\.com\/mfa\?to=(.+)$/.exec(data?.url ?? "") ?? [];
  const { origin, searchParams } = new URL(back);
  expect(origin).toBe("https://app.example.com");
  expect(searchParams.get("next")).toBe("/notes");

  const flowId = searchParams.get("sb_flow_id")!;
  expect(flowId).toBeTruthy();
  const { data: traded } = await request().auth.exchangeCodeForSession("code", { flowId });
  const [, claims = ""] = traded.session!.access_token.split(".");
  expect(JSON.parse(atob(claims))).toMatchObject({ sub: "ada", aal: "aal2" });
});

test("a code is of no use in a browser that did not set out for it", async () => {
  const { error } = await browser()().auth.exchangeCodeForSession("code");
  expect(error).not.toBeNull();
});
