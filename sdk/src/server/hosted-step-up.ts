import type { Client } from "../index.js";
import type { Result } from "../result.js";
import { hostedAddress } from "../step-up/hosted-address.js";

/**
 * The address of the backend's own page for the second step, to redirect to. It leads the person back
 * to `returnTo`, one of the backend's return addresses: with a `code` to trade, or with
 * `error_code=step_up_cancelled`. The client has to be one that can set cookies.
 */
export function hostedStepUp(
  { auth, request }: Pick<Client, "auth" | "request">,
  returnTo: string,
): Promise<Result<{ url: string }>> {
  return hostedAddress(new URL(returnTo), auth, request);
}
