// A whole app that renders on the server, in nothing but web standards: it runs in Node, in edge
// runtimes, behind Remix. The session is in cookies that no script can read.
import { isMfaRequired } from "lingauth";
import { cookieJar, createServerClient, localPath, requireSession } from "lingauth/server";
import { codeForm, enrollForm, notesPage, setUpForm, signInForm } from "./pages.js";

const PAGES = { signIn: "/sign-in", stepUp: "/verify" };

/** Answers one request. */
export async function handle(request: Request, url: string, anonKey: string): Promise<Response> {
  const cookies = cookieJar(request.headers.get("Cookie"));
  const client = createServerClient(url, anonKey, { cookies });
  const { pathname, search, searchParams } = new URL(request.url);
  const next = localPath(searchParams.get("next"));

  const send = (status: number, body: string | null, name: string, value: string) =>
    new Response(body, { status, headers: [[name, value], ...cookies.headers()] });
  const say = (status: number, text: string) => send(status, text, "Content-Type", "text/plain");
  const go = (location: string) => send(303, null, "Location", location);
  const show = (page: string, status = 200) =>
    send(status, page, "Content-Type", "text/html; charset=utf-8");

  if (request.method === "POST") {
    // A form of another site is not ours to obey.
    if (request.headers.get("Sec-Fetch-Site") !== "same-origin") return say(403, "Forbidden");
    const form = await request.formData();
    const field = (name: string) => String(form.get(name) ?? "");
    switch (pathname) {
      case "/sign-in": {
        const credentials = { email: field("email"), password: field("password") };
        const { error } = await client.auth.signInWithPassword(credentials);
        return error ? show(signInForm(error.message), 400) : go(next);
      }
      case "/set-up": {
        const { data, error } = await client.auth.enrollMfa();
        return error ? show(enrollForm(next, error.message), 400) : show(setUpForm(data, next));
      }
      case "/verify": {
        const { error } = await client.auth.verifyMfa({ code: field("code") });
        return error ? show(codeForm(next, error.message), 400) : go(next);
      }
      case "/sign-out":
        await client.auth.signOut({ scope: "local" });
        return go("/sign-in");
      default:
        return say(404, "Not found");
    }
  }

  if (pathname === "/sign-in") return show(signInForm());

  const { claims, location } = await requireSession(client, { here: pathname + search, ...PAGES });
  if (location !== null) return go(location);

  if (pathname === "/verify") {
    const { data, error } = await client.auth.listMfaFactors();
    if (error) return say(502, error.message);
    const enrolled = data.factors.some(({ status }) => status === "verified");
    return show(enrolled ? codeForm(next) : enrollForm(next));
  }

  if (pathname === "/") {
    const { data, error } = await client.from("notes").select("title");
    if (isMfaRequired(error)) return go(`/verify?next=${encodeURIComponent(pathname)}`);
    return error ? say(502, error.message) : show(notesPage(claims.aal, data));
  }

  return say(404, "Not found");
}
