/** What a cookie is set with. The names are those of Next.js, SvelteKit and the `cookie` package. */
export type CookieAttributes = {
  path: "/";
  sameSite: "lax";
  secure: boolean;
  httpOnly: boolean;
  /** Seconds; 0 removes the cookie. */
  maxAge: number;
  domain?: string;
};

/**
 * The cookies of one request and its answer, as your framework hands them out.
 *
 * Leave `set` out where no cookie can be set any more, as in a server component that is being
 * rendered. Values consist of letters, digits, `.`, `-` and `_`, so encoding does not change them.
 */
export type Cookies = {
  get(name: string): string | null | undefined | Promise<string | null | undefined>;
  set?(name: string, value: string, attributes: CookieAttributes): unknown;
};

/** What you may choose about the cookies of a session. */
export type CookieOptions = {
  /**
   * Whether scripts in the page are kept from reading them. Default `true`. `false` only if a client
   * in the browser uses the same session: it is then no better guarded than in `localStorage`.
   */
  httpOnly?: boolean;
  /** Default `true`. `false` for development over plain HTTP where the browser asks for it (Safari). */
  secure?: boolean;
  /** To share the session with the subdomains of this domain. Default: this host alone. */
  domain?: string;
};

/** As long as browsers keep a cookie at most. Whether the session still stands, the backend decides. */
const LONGEST = 400 * 24 * 60 * 60;

/** The attributes that follow from the options. */
export function attributesOf(options: CookieOptions): CookieAttributes {
  const { httpOnly = true, secure = true, domain } = options;
  // Lax and not Strict: who comes back from a mailed link or the hosted pages is signed in.
  return { path: "/", sameSite: "lax", secure, httpOnly, maxAge: LONGEST, ...(domain && { domain }) };
}

/** With the prefix, browsers take the cookie from this host alone, not from a subdomain's page. */
export function prefixOf({ secure, domain }: CookieAttributes): string {
  return secure && !domain ? "__Host-" : "";
}

/** Reads one value of a `Cookie` header, or of `document.cookie`. */
export function readCookie(header: string, name: string): string | undefined {
  for (const pair of header.split(";")) {
    const cut = pair.indexOf("=");
    if (cut > 0 && pair.slice(0, cut).trim() === name) return pair.slice(cut + 1).trim();
  }
  return undefined;
}

/** One `Set-Cookie` header. */
export function writeCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { path, sameSite, secure, httpOnly, maxAge, domain } = attributes;
  return [
    `${name}=${value}`,
    `Path=${path}`,
    `Max-Age=${maxAge}`,
    `SameSite=${sameSite}`,
    ...(domain ? [`Domain=${domain}`] : []),
    ...(secure ? ["Secure"] : []),
    ...(httpOnly ? ["HttpOnly"] : []),
  ].join("; ");
}
