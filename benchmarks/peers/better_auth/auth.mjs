// better-auth with passwords, the two-factor plugin and PostgreSQL, as its own pages set it up.
import { betterAuth } from "better-auth";
import { twoFactor } from "better-auth/plugins";
import pg from "pg";

export const ORIGIN = "http://127.0.0.1:3999";
export const SECRET = "only for measuring, on a database that is thrown away";

export const pool = new pg.Pool({
  host: process.env.PGSOCKET,
  user: "postgres",
  database: process.env.PGDATABASE,
  max: 8,
});

export const auth = betterAuth({
  baseURL: ORIGIN,
  secret: SECRET,
  database: pool,
  emailAndPassword: { enabled: true },
  // One address sends everything here.
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [twoFactor()],
});
