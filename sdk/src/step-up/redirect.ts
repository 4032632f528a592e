import type { GoTrueClient } from "@supabase/auth-js";
import type { Request } from "../data/request.js";
import { FLOW, hostedAddress } from "./hosted-address.js";
import type { StepUp } from "./step-up.js";

/** Where a browser goes for the second step: the backend's hosted page, or an address of yours. */
export type MfaRedirect = "hosted" | ((step: StepUp) => string);

const TOLD = ["error", "error_code", "error_description", FLOW];

/**
 * Leave for the page. The step-up stays open: its calls end with this page, or with its time. `false`
 * for somebody who has just come back from there without the step and has done nothing since, so that
 * a page which asks for data at its start does not send them round in circles.
 */
export async function leaveFor(
  redirect: MfaRedirect,
  step: StepUp,
  auth: GoTrueClient,
  request: Request,
): Promise<boolean> {
  const here = new URL(location.href);
  if (here.searchParams.get("error_code") === "step_up_cancelled") {
    if (!navigator.userActivation?.hasBeenActive) return false;
    for (const name of TOLD) here.searchParams.delete(name);
  }
  location.assign(redirect === "hosted" ? await hosted(here, auth, request) : redirect(step));
  return new Promise((settle) => {
    // By the browser's own Back, to a page that was kept as it was.
    addEventListener("pageshow", ({ persisted }) => persisted && settle(false));
  });
}

async function hosted(here: URL, auth: GoTrueClient, request: Request): Promise<string> {
  const { data, error } = await hostedAddress(here, auth, request);
  if (!error) return data.url;
  reportError(error); // the calls that wait are told of a step-up that was given up, no more
  throw error;
}
