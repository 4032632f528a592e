import type { Request } from "../data/request.js";
import type { Result } from "../result.js";
import { answer } from "./answer.js";
import type { Level } from "./status.js";

/** One sign-in on one device. Times are RFC 3339. */
export type OpenSession = {
  id: string;
  /** Whether it is this client's own. */
  current: boolean;
  level: Level;
  /** Such as "Firefox on Linux". */
  device: string;
  userAgent: string;
  ip: string | null;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
};

type Row = Pick<OpenSession, "id" | "current" | "device" | "ip"> & {
  aal: Level;
  user_agent: string;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
};

export function listSessions(request: Request): Promise<Result<{ sessions: OpenSession[] }>> {
  return answer(request<{ sessions: Row[] }>("GET", "auth/v1/sessions"), ({ sessions }) => ({
    sessions: sessions.map((row) => ({
      id: row.id,
      current: row.current,
      level: row.aal,
      device: row.device,
      userAgent: row.user_agent,
      ip: row.ip,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
      expiresAt: row.expires_at,
    })),
  }));
}

export function revokeSession(request: Request, id: string): Promise<Result<null>> {
  return request<null>("DELETE", `auth/v1/sessions/${encodeURIComponent(id)}`);
}
