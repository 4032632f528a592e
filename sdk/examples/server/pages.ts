/** Markup. Whatever is put into a template is escaped, unless it is markup itself. */
class Markup {
  constructor(readonly text: string) {}
}

function html(parts: TemplateStringsArray, ...values: (string | Markup)[]): Markup {
  return new Markup(parts.reduce((text, part, at) => text + escaped(values[at - 1] ?? "") + part));
}

function escaped(value: string | Markup): string {
  if (value instanceof Markup) return value.text;
  return value.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
}

function page({ text }: Markup): string {
  return `<!doctype html><html lang="en"><title>Notes</title><meta name="viewport" content="width=device-width">${text}`;
}

function problem(text = ""): Markup {
  return html`<p role="alert">${text}</p>`;
}

/** A form's address, which leads on to `next`. */
function path(action: string, next: string): string {
  return `${action}?next=${encodeURIComponent(next)}`;
}

export function signInForm(error?: string): string {
  return page(html`<h1>Sign in</h1>${problem(error)}
<form method="post">
<p><label>E-mail <input name="email" type="email" autocomplete="username" required></label>
<p><label>Password
<input name="password" type="password" autocomplete="current-password" required></label>
<p><button>Sign in</button>
</form>`);
}

export function enrollForm(next: string, error?: string): string {
  return page(html`<h1>Set up a second step</h1>${problem(error)}
<form method="post" action="${path("/set-up", next)}"><button>Continue</button></form>`);
}

export function setUpForm({ qrCode, secret }: { qrCode: string; secret: string }, next: string) {
  return page(html`<h1>Scan this</h1>
<p><img src="${qrCode}" alt="QR code for your authenticator app">
<p>Or type <code>${secret}</code>
${codeFields(next)}`);
}

export function codeForm(next: string, error?: string): string {
  return page(html`<h1>Confirm that it is you</h1>${problem(error)}${codeFields(next)}`);
}

function codeFields(next: string): Markup {
  return html`<form method="post" action="${path("/verify", next)}">
<p><label>Code of your authenticator app
<input name="code" inputmode="numeric" autocomplete="one-time-code" required></label>
<p><button>Verify</button>
</form>`;
}

export function notesPage(level: string, notes: { title: string }[]): string {
  const items = notes.map(({ title }) => html`<li>${title}</li>`.text).join("");
  return page(html`<h1>Notes</h1>
<p>Your session is at ${level}.
<ul>${new Markup(items)}</ul>
<form method="post" action="/sign-out"><button>Sign out</button></form>`);
}
