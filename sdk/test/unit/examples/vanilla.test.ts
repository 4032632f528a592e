// @vitest-environment happy-dom
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { fakeBackend } from "../fake-backend.js";

const FOLDER = "../../../examples/vanilla";

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const until = (id: string, text: string) =>
  vi.waitFor(() => expect(element(id).textContent).toContain(text));

test("the story: sign in, be asked for a second step, set it up, read, sign out", async () => {
  const html = await readFile(join(import.meta.dirname, FOLDER, "index.html"), "utf8");
  document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)?.[1] ?? "";
  const backend = fakeBackend();
  backend.required = true;
  vi.stubGlobal("fetch", backend.fetch);
  await import(`${FOLDER}/app.js`);

  await vi.waitFor(() => expect(element("sign-in").hidden).toBe(false));
  const field = (name: string) => document.querySelector<HTMLInputElement>(`[name=${name}]`)!;
  field("email").value = "ada@example.com";
  field("password").value = "correct horse";
  document.querySelector<HTMLButtonElement>("#sign-in button")!.click();
  await until("who", "ada@example.com");

  const dialog = element<HTMLDialogElement>("second-step");
  await vi.waitFor(() => expect(dialog.open).toBe(true));
  expect(element("secret").textContent).toBe("SECRET");
  field("code").value = "000000";
  dialog.close("verify");
  await until("wrong", "mfa_verification_failed");
  field("code").value = "123456";
  dialog.close("verify");
  await until("notes", "Hello");
  expect(element("problem").textContent).toBe("");
  expect(dialog.open).toBe(false);

  element("sign-out").click();
  await vi.waitFor(() => expect(element("sign-in").hidden).toBe(false));
});
