/** A backend as far as sessions go: one person, whose refresh tokens work once, or again by name. */
export function fakeBackend() {
  const calls: { path: string; headers: Headers }[] = [];
  let generation = 0;
  let lastKey: string | null = null;
  let ended = false;
  let lifetime = 300;

  function session() {
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: "ada", aal: "aal1", amr: [], exp: now + lifetime };
    return Response.json({
      access_token: `e30.${btoa(JSON.stringify(claims))}.c2ln`,
      token_type: "bearer",
      expires_in: lifetime,
      expires_at: now + lifetime,
      refresh_token: `refresh-${generation}`,
      user: { id: "ada", aud: "authenticated", email: "ada@example.com" },
    });
  }

  function refuse(status: number, code: string) {
    const headers = { "X-Supabase-Api-Version": "2024-01-01" };
    return Response.json({ code, message: code }, { status, headers });
  }

  function refresh(token: string, key: string | null) {
    if (!ended && token === `refresh-${generation}`) {
      generation += 1;
      lastKey = key;
      return session();
    }
    if (!ended && token === `refresh-${generation - 1}` && key && key === lastKey) return session();
    ended = true;
    return refuse(400, "refresh_token_already_used");
  }

  const answer: typeof fetch = async (input, init) => {
    const { pathname, searchParams } = new URL(String(input));
    const headers = new Headers(init?.headers);
    calls.push({ path: pathname.slice("/b/shop".length), headers });
    if (pathname.endsWith("/token")) {
      if (searchParams.get("grant_type") === "password") return session();
      const { refresh_token: token } = JSON.parse(String(init?.body));
      return refresh(token, headers.get("Idempotency-Key"));
    }
    if (pathname.endsWith("/notes")) return Response.json([{ title: "Hello" }]);
    if (pathname.endsWith("/user")) {
      return ended ? refuse(403, "session_not_found") : Response.json({ id: "ada" });
    }
    if (pathname.endsWith("/logout")) return new Response(null, { status: 204 });
    return refuse(403, "mfa_required");
  };

  return {
    fetch: answer,
    calls,
    paths: () => calls.map(({ path }) => path),
    /** Tokens from now on live for so many seconds. */
    set lifetime(seconds: number) {
      lifetime = seconds;
    },
    get ended() {
      return ended;
    },
  };
}
