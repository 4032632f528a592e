import { expect, test } from "vitest";
import { refreshInForeground } from "../../../src/native/foreground.js";

test("sessions are refreshed while the app is in front", () => {
  const calls: string[] = [];
  const auth = {
    startAutoRefresh: async () => void calls.push("start"),
    stopAutoRefresh: async () => void calls.push("stop"),
  };
  let change: (state: string) => void = () => undefined;
  const appState = {
    currentState: "active",
    addEventListener(_event: "change", listener: (state: string) => void) {
      change = listener;
      return { remove: () => void calls.push("removed") };
    },
  };
  const stop = refreshInForeground({ auth }, appState);
  change("background");
  change("active");
  stop();
  expect(calls).toEqual(["start", "stop", "start", "removed", "stop"]);
});
