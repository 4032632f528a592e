import type { AuthClient } from "@supabase/auth-js";

/** React Native's `AppState`, as far as it is used. */
export type AppState = {
  currentState: string;
  addEventListener(event: "change", listener: (state: string) => void): { remove(): void };
};

/**
 * Refreshes the session while the app is in front, and at once when it comes back:
 * `const stop = refreshInForeground(client, AppState)`. Timers of an app that is not seen are not to
 * be relied on. Returns what ends it.
 */
export function refreshInForeground(
  client: { auth: Pick<InstanceType<typeof AuthClient>, "startAutoRefresh" | "stopAutoRefresh"> },
  appState: AppState,
): () => void {
  const follow = (state: string) =>
    void (state === "active" ? client.auth.startAutoRefresh() : client.auth.stopAutoRefresh());
  follow(appState.currentState);
  const subscription = appState.addEventListener("change", follow);
  return () => {
    subscription.remove();
    follow("inactive");
  };
}
