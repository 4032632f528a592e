// Fills the database and writes the plans: node seed.mjs FILE
import { createHmac, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { hashPassword, symmetricEncrypt } from "better-auth/crypto";
import { getMigrations } from "better-auth/db/migration";
import { auth, ORIGIN, pool, SECRET } from "./auth.mjs";

const PASSWORD = process.env.BENCH_PASSWORD;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function request(method, path, headers, body) {
  const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1:3999", `Origin: ${ORIGIN}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  const text = body ? JSON.stringify(body) : "";
  if (body) lines.push("Content-Type: application/json", "Content-Length: {{length}}");
  return `${lines.join("\r\n")}\r\n\r\n${text}`;
}

function cookie(name, value) {
  const signature = createHmac("sha256", SECRET).update(value).digest("base64");
  return { Cookie: `better-auth.${name}=${encodeURIComponent(`${value}.${signature}`)}` };
}

function base32(text) {
  let bits = "";
  for (const byte of Buffer.from(text)) bits += byte.toString(2).padStart(8, "0");
  let out = "";
  for (let at = 0; at < bits.length; at += 5) out += BASE32[parseInt(bits.slice(at, at + 5).padEnd(5, "0"), 2)];
  return out.padEnd(Math.ceil(out.length / 8) * 8, "=");
}

async function insert(table, rows) {
  const columns = Object.keys(rows[0]);
  for (let start = 0; start < rows.length; start += 500) {
    const part = rows.slice(start, start + 500);
    const values = part.flatMap((row) => columns.map((column) => row[column]));
    const places = part.map((_, i) => `(${columns.map((_, j) => `$${i * columns.length + j + 1}`)})`);
    const names = columns.map((column) => `"${column}"`);
    await pool.query(`INSERT INTO "${table}" (${names}) VALUES ${places}`, values);
  }
}

const later = new Date(Date.now() + 7 * 86_400_000);
const id = () => randomBytes(16).toString("hex");

async function people(what, count, password, twoFactorEnabled) {
  const now = new Date();
  const made = Array.from({ length: count }, (_, n) => ({ id: id(), email: `${what}${n}@example.com`, token: id(), secret: id() }));
  await insert("user", made.map((p) => ({ id: p.id, name: what, email: p.email, emailVerified: true, createdAt: now, updatedAt: now, twoFactorEnabled })));
  await insert("account", made.map((p) => ({ id: id(), accountId: p.id, providerId: "credential", userId: p.id, password, createdAt: now, updatedAt: now })));
  await insert("session", made.map((p) => ({ id: id(), token: p.token, userId: p.id, expiresAt: later, createdAt: now, updatedAt: now, ipAddress: "127.0.0.1", userAgent: "benchmarks" })));
  process.stderr.write(`  ${what} accounts: ${count}\n`);
  return made;
}

await (await getMigrations(auth.options)).runMigrations();
const password = await hashPassword(PASSWORD);
await pool.query("CREATE TABLE policy (mfa_required boolean NOT NULL)");
await pool.query("INSERT INTO policy VALUES (true)");
const readers = await people("reader", 400, password, true);
const low = await people("low", 200, password, false);
const signers = await people("signer", 500, password, false);
const verifiers = await people("verifier", Number(process.env.BENCH_VERIFY), password, true);
const key = (await auth.$context).secretConfig;
const backupCodes = await symmetricEncrypt({ key, data: "[]" });
const factors = [];
for (const p of verifiers) {
  factors.push({ id: id(), userId: p.id, secret: await symmetricEncrypt({ key, data: p.secret }), backupCodes, verified: true });
}
await insert("twoFactor", factors);
// What a sign-in leaves that waits for its second step. Its own cookie lasts ten minutes.
const pending = verifiers.flatMap((p) => [
  { id: id(), identifier: `2fa-${p.token}`, value: p.id },
  { id: id(), identifier: `2fa-attempts-2fa-${p.token}`, value: "0" },
]);
const now = new Date();
await insert("verification", pending.map((row) => ({ ...row, expiresAt: later, createdAt: now, updatedAt: now })));

const signIn = signers.map((p) => [request("POST", "/api/auth/sign-in/email", {}, { email: p.email, password: PASSWORD }), ""]);
const read = readers.map((p) => [request("GET", "/api/auth/get-session", cookie("session_token", p.token)), ""]);
const refused = low.map((p) => [request("GET", "/orders", cookie("session_token", p.token)), ""]);
const verify = verifiers.map((p) => [
  request("POST", "/api/auth/two-factor/verify-totp", cookie("two_factor", `2fa-${p.token}`), { code: "{{code}}" }),
  base32(p.secret),
]);
const plan = (mode, has, requests, status = 200) => ({ mode, status, has, after: "", requests });
writeFileSync(process.argv[2], JSON.stringify({
  "gated read": plan("cycle", '"session"', read),
  "aal1 refused": plan("cycle", '"mfa_required"', refused, 403),
  "GET user": plan("cycle", '"email"', read),
  "factor verify": plan("once", '"token"', verify),
  "sign-in": plan("cycle", '"token"', signIn),
}));
await pool.end();
