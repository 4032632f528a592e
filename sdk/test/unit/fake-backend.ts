/** A backend of one person, `ada`: sessions, one factor, and notes. Its code is always 123456. */
export function fakeBackend() {
  const calls: { path: string; headers: Headers }[] = [];
  let generation = 0;
  let lastKey: string | null = null;
  let challenge = "";
  let level = "aal1";
  let factors: { id: string; status: string; factor_type: "totp" }[] = [];
  const state = {
    /** How many seconds the next tokens live. */
    lifetime: 300,
    /** Whether notes are for sessions with a second step only. */
    required: false,
    ended: false,
    title: "Hello",
  };

  const user = () => ({ id: "ada", aud: "authenticated", email: "ada@example.com", factors });

  function session() {
    const now = Math.floor(Date.now() / 1000);
    const amr = level === "aal2" ? [{ method: "totp", timestamp: now }] : [];
    const claims = { sub: "ada", aal: level, amr, exp: now + state.lifetime };
    return Response.json({
      access_token: `e30.${btoa(JSON.stringify(claims)).replace(/=/g, "")}.c2ln`,
      token_type: "bearer",
      expires_in: state.lifetime,
      expires_at: now + state.lifetime,
      refresh_token: `refresh-${generation}`,
      user: user(),
    });
  }

  function refuse(status: number, code: string) {
    const headers = { "X-Supabase-Api-Version": "2024-01-01" };
    const details = { next: factors.length ? "challenge" : "enroll", deadline: null, url: "/mfa" };
    return Response.json({ code, message: code, details }, { status, headers });
  }

  function refresh(token: string, key: string | null) {
    if (!state.ended && token === `refresh-${generation}`) {
      generation += 1;
      lastKey = key;
      return session();
    }
    const again = token === `refresh-${generation - 1}` && key !== null && key === lastKey;
    if (!state.ended && again) return session();
    state.ended = true;
    return refuse(400, "refresh_token_already_used");
  }

  function verify(code: string) {
    if (code !== "123456") return refuse(422, "mfa_verification_failed");
    level = "aal2";
    generation += 1;
    factors = [{ id: "1", status: "verified", factor_type: "totp" }];
    return session();
  }

  async function trade(verifier = "") {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const named = Buffer.from(digest).toString("base64url");
    return named === challenge ? verify("123456") : refuse(400, "bad_code_verifier");
  }

  const answer: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const path = url.pathname.slice("/b/shop".length);
    const headers = new Headers(init?.headers);
    const body = () => JSON.parse(String(init?.body)) as Record<string, string>;
    calls.push({ path, headers });
    switch (path) {
      case "/auth/v1/token":
        if (url.searchParams.get("grant_type") === "password") return session();
        if (url.searchParams.get("grant_type") === "pkce") return trade(body()["code_verifier"]);
        return refresh(body()["refresh_token"] ?? "", headers.get("Idempotency-Key"));
      case "/auth/v1/user":
        return state.ended ? refuse(403, "session_not_found") : Response.json(user());
      case "/auth/v1/logout":
        level = "aal1";
        return new Response(null, { status: 204 });
      case "/auth/v1/factors": {
        const totp = { qr_code: "<svg/>", secret: "SECRET", uri: "otpauth://totp/shop:ada" };
        return Response.json({ id: "1", type: "totp", totp });
      }
      case "/auth/v1/mfa/verify":
        return verify(body()["code"] ?? "");
      case "/auth/v1/mfa/step-up":
        challenge = body()["code_challenge"] ?? "";
        return Response.json({ url: `https://id.example.com/mfa?to=${body()["redirect_to"]}` });
      case "/rest/v1/notes":
        if (!state.required || level === "aal2") return Response.json([{ id: 1, title: state.title }]);
        return refuse(403, "mfa_required");
      default:
        return refuse(404, "not_found");
    }
  };

  return Object.assign(state, { fetch: answer, calls, paths: () => calls.map(({ path }) => path) });
}
