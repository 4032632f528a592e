import { useSyncExternalStore } from "react";
import { LOADING, sessionStore, type AuthOf, type SessionState } from "./store.js";

/**
 * The session of a client, kept up to date: signing in and out, refreshes, the second step, and what
 * other tabs do. Make the client once, outside of the component. On a server, and until the stored
 * session was read, the status is `loading`.
 */
export function useSession(client: AuthOf): SessionState {
  const store = sessionStore(client);
  return useSyncExternalStore(store.subscribe, store.get, () => LOADING);
}
