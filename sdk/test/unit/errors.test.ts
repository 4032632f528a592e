import { expect, test } from "vitest";
import { isMfaRequired, isStepUpCancelled } from "../../src/index.js";

test.each([
  ["a missing second step", { code: "mfa_required", details: { next: "enroll" } }, true, false],
  ["one that was given up", { code: "mfa_required", details: { cancelled: true } }, true, true],
  ["one without details", { code: "mfa_required" }, true, false],
  ["another refusal", { code: "not_found", details: { cancelled: true } }, false, false],
  ["an exception", new Error("mfa_required"), false, false],
  ["a word", "mfa_required", false, false],
  ["null", null, false, false],
  ["nothing", undefined, false, false],
])("%s", (_, error, required, cancelled) => {
  expect(isMfaRequired(error)).toBe(required);
  expect(isStepUpCancelled(error)).toBe(cancelled);
});
