import { createClient } from "lingauth";
import { createStepUpPrompt } from "lingauth/react";

export const prompt = createStepUpPrompt();

export const client = createClient("https://id.example.com/b/shop", "lk_anon_…", {
  onMfaRequired: prompt.ask,
});
