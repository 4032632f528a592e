// A page without a framework. `npx vite` serves it.
import { createClient } from "lingauth";

const $ = (id) => document.getElementById(id);

const client = createClient("https://id.example.com/b/shop", "lk_anon_…", {
  onMfaRequired: secondStep,
  onSessionEnded: ({ reason }) => {
    say(reason === "replayed" ? "Somebody else used your session, so it was ended." : "Signed out.");
  },
});

client.auth.onAuthStateChange((event, session) => {
  $("sign-in").hidden = session !== null;
  $("signed-in").hidden = session === null;
  $("who").textContent = session?.user.email ?? "";
  // Not inside of this call: the client waits for it.
  if (session && (event === "SIGNED_IN" || event === "INITIAL_SESSION")) setTimeout(showNotes);
});

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { email, password } = Object.fromEntries(new FormData(event.target));
  const { error } = await client.auth.signInWithPassword({ email, password });
  say(error?.message);
});

$("sign-out").addEventListener("click", () => client.auth.signOut({ scope: "local" }));

async function showNotes() {
  const { data, error } = await client.from("notes").select("title");
  say(error?.message);
  $("notes").replaceChildren(
    ...(data ?? []).map(({ title }) => Object.assign(document.createElement("li"), { textContent: title })),
  );
}

/** Asks for a code until one is right, or the person gives up. */
async function secondStep({ next, signal }) {
  $("set-up").hidden = next !== "enroll";
  if (next === "enroll") {
    const { data, error } = await client.auth.enrollMfa();
    if (error) return false;
    $("qr").src = data.qrCode;
    $("secret").textContent = data.secret;
  }
  signal.addEventListener("abort", () => $("second-step").close());
  $("wrong").textContent = "";
  for (;;) {
    const code = await askForCode();
    if (code === null) return false;
    const { error } = await client.auth.verifyMfa({ code });
    if (!error) return true;
    $("wrong").textContent = error.message;
  }
}

function askForCode() {
  const dialog = $("second-step");
  const input = dialog.querySelector("input");
  input.value = dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    const closed = () => answer(dialog.returnValue === "verify" ? input.value : null);
    dialog.addEventListener("close", closed, { once: true });
  });
}

function say(problem = "") {
  $("problem").textContent = problem;
}
