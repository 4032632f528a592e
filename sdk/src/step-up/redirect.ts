import type { StepUp } from "./step-up.js";

/** Where a browser goes for the second step: the backend's hosted page, or an address of yours. */
export type MfaRedirect = "hosted" | ((step: StepUp) => string);

/** Leave for the page. The step-up stays open: its calls end with this page, or with its time. */
export function leaveFor(redirect: MfaRedirect, step: StepUp): Promise<never> {
  location.assign(redirect === "hosted" ? hosted(step) : redirect(step));
  return new Promise(() => {});
}

function hosted({ url }: StepUp): string {
  return `${url}?return_to=${encodeURIComponent(location.href)}`;
}
