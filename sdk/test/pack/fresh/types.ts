// What an app in TypeScript sees of the installed package.
import { createClient, isMfaRequired, type Client, type StepUp } from "lingauth";
import { secureStorage } from "lingauth/native";
import { createStepUpPrompt, useSession, useStepUp } from "lingauth/react";
import { cookieJar, createServerClient } from "lingauth/server";

const prompt = createStepUpPrompt();
const client: Client = createClient("https://id.example.com/b/shop", "lk_anon_1", {
  onMfaRequired: prompt.ask,
});
export const browser = client;
export const server = createServerClient("https://id.example.com/b/shop", "lk_anon_1", {
  cookies: cookieJar(null),
});
export const storage = secureStorage({
  getItemAsync: async () => null,
  setItemAsync: async () => undefined,
  deleteItemAsync: async () => undefined,
});
export function page(): [string | undefined, StepUp | null] {
  return [useSession(client).session?.user.email, useStepUp(prompt).step];
}
export async function enroll(): Promise<string> {
  const { data, error } = await client.auth.enrollMfa();
  if (error) return isMfaRequired(error) ? error.details.next : error.message;
  return data.otpauthUrl;
}
