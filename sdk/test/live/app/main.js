// A notes app as its developer would write it, small. The address says which backend, and how the
// second step is taken: "?backend=sdk&step=dialog", "&step=hosted", or by nobody.
import { createClient, isMfaRequired, isStepUpCancelled } from "./lingauth.js";

const asked = new URL(location.href).searchParams;
const backends = await (await fetch("backends.json")).json();
const { url, anon_key: anonKey } = backends[asked.get("backend")];
const element = (id) => document.getElementById(id);
const say = (text) => (document.querySelector("[role=status]").textContent = text);

const ways = {
  hosted: { mfaRedirect: "hosted" },
  dialog: { onMfaRequired },
};
const ended = [];
const prompts = [];
const client = createClient(url, anonKey, {
  ...ways[asked.get("step")],
  onSessionEnded: ({ reason }) => ended.push(reason),
  auth: { autoRefreshToken: asked.has("refreshing") },
});

/** Set up or asked for: a dialog either way, until the code is right or it is closed. */
async function onMfaRequired({ next, signal }) {
  prompts.push(next);
  if (next === "enroll") {
    const { data } = await client.auth.enrollMfa();
    element("qr").src = data.qrCode;
    element("qr").hidden = false;
  }
  const dialog = element("step");
  dialog.showModal();
  signal.addEventListener("abort", () => dialog.close());
  for (;;) {
    dialog.returnValue = "";
    await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
    if (dialog.returnValue !== "verify") return false;
    const { error } = await client.auth.verifyMfa({ code: element("code").value });
    if (!error) return true;
    element("error").textContent = error.message;
    dialog.showModal();
  }
}

/** Show one's notes, as the page does at its start; or what came in the way. */
async function load() {
  const { data, error } = await client.from("notes").select("title").order("title");
  if (error) say(isStepUpCancelled(error) ? "cancelled" : isMfaRequired(error) ? "mfa_required" : error.message);
  else say(`${data.length} notes`);
  const items = (data ?? []).map(({ title }) => Object.assign(document.createElement("li"), { textContent: title }));
  element("notes").replaceChildren(...items);
  console.info(document.querySelector("[role=status]").textContent);
}

/** What a test asks of the app: as the person, or its developer at the console. */
Object.assign(globalThis, { client, ended, load, prompts });
const { data } = await client.auth.getSession();
if (data.session) await load();
else say("Signed out");
