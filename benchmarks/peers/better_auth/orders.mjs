// An endpoint of the host's, with the check by hand: a live session, a policy, a second step.
import { fromNodeHeaders } from "better-auth/node";
import { auth, pool } from "./auth.mjs";

export async function orders(request, response) {
  const found = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
  if (!found) return answer(response, 401, { code: "refused" });
  const { rows } = await pool.query("SELECT mfa_required FROM policy");
  // Who has a second factor could not have begun a session without it.
  if (rows[0].mfa_required && !found.user.twoFactorEnabled) return answer(response, 403, { code: "mfa_required" });
  return answer(response, 200, { ok: true, level: "aal2" });
}

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}
