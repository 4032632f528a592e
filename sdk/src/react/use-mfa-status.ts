import { useEffect, useState } from "react";
import type { Auth, MfaStatus } from "../index.js";
import { useSession } from "./use-session.js";

/**
 * How the session of a client stands: its level, whether there is a factor, and the step that leads on;
 * see {@link MfaStatus}. Null until it was read. Read again whenever the session changes.
 */
export function useMfaStatus(client: {
  auth: Pick<Auth, "onAuthStateChange" | "mfaStatus">;
}): MfaStatus | null {
  const { session } = useSession(client);
  const [status, setStatus] = useState<MfaStatus | null>(null);
  useEffect(() => {
    let wanted = true;
    void client.auth.mfaStatus().then(({ data }) => {
      if (wanted) setStatus(data);
    });
    return () => {
      wanted = false;
    };
  }, [client, session]);
  return status;
}
