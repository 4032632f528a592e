import type { AuthChangeEvent, AuthClient, Session } from "@supabase/auth-js";

/** Whether somebody is signed in. `loading` until the stored session was read, and on a server. */
export type SessionState =
  | { status: "loading"; session: null }
  | { status: "signed-out"; session: null }
  | { status: "signed-in"; session: Session };

/** What the hooks need of a client. */
export type AuthOf = { auth: Pick<InstanceType<typeof AuthClient>, "onAuthStateChange"> };

/** What `useSyncExternalStore` reads: a state, and word when it changed. */
export type Store<State> = { subscribe(listener: () => void): () => void; get(): State };

export const LOADING: SessionState = { status: "loading", session: null };

const stores = new WeakMap<object, Store<SessionState>>();

/** One store a client, however many components ask. It listens while one of them is mounted. */
export function sessionStore({ auth }: AuthOf): Store<SessionState> {
  const known = stores.get(auth);
  if (known) return known;
  const made = listening(auth);
  stores.set(auth, made);
  return made;
}

function listening(auth: AuthOf["auth"]): Store<SessionState> {
  const listeners = new Set<() => void>();
  let state = LOADING;
  let stop: (() => void) | undefined;

  function hear(event: AuthChangeEvent, session: Session | null) {
    // SIGNED_IN comes each time that the tab is looked at again: the same session is no news.
    const same = state.session?.access_token === session?.access_token;
    if (same && state !== LOADING && event !== "USER_UPDATED") return;
    state = session ? { status: "signed-in", session } : { status: "signed-out", session };
    for (const listener of listeners) listener();
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      if (!stop) {
        const { subscription } = auth.onAuthStateChange(hear).data;
        stop = () => subscription.unsubscribe();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}
