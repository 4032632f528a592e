import type { GoTrueClient, Provider } from "@supabase/auth-js";
import type { Request } from "../data/request.js";
import type { Result } from "../result.js";

/** Which of the tabs' verifiers belongs to the code, in auth-js's words. */
export const FLOW = "sb_flow_id";

/**
 * The hosted page's address. It leads to `returnTo` with a code, which auth-js trades as it does the
 * code of any flow: it makes the verifier and keeps it, for several tabs at once too.
 */
export async function hostedAddress(
  returnTo: URL,
  auth: GoTrueClient,
  request: Request,
): Promise<Result<{ url: string }>> {
  const flow = await auth.signInWithOAuth({
    provider: "step_up" as Provider,
    options: { skipBrowserRedirect: true },
  });
  returnTo.searchParams.set(FLOW, flow.data.flowId ?? "");
  return request<{ url: string }>("POST", "auth/v1/mfa/step-up", {
    ...Object.fromEntries(new URL(flow.data.url!).searchParams),
    redirect_to: returnTo.href,
  });
}
