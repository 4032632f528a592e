// The app: who is signed in decides what is shown, and each part sees to itself.
import { hush, tell, watchNetwork } from "./banner.js";
import { connect, visitor } from "./client.js";
import { all, one, say } from "./dom.js";
import { entry, startOver } from "./entry.js";
import { factors } from "./factors.js";
import { ownNotes } from "./notes.js";
import { enterCode, prompts } from "./prompt.js";
import { publicNotes } from "./public.js";
import { recoveryCodes } from "./recovery.js";
import { routes } from "./route.js";
import { sessions } from "./sessions.js";
import { setUp, setUps } from "./set-up.js";

one("[data-plain]").hidden = true;

let user; // nobody is null; undefined, as long as it is not known
const me = () => user?.id;

const client = connect({
  async onMfaRequired({ next, signal }) {
    const isDone = await (next === "enroll"
      ? setUp("To read and write your notes, set up a second step: a code from an app on your phone.", signal)
      : enterCode("To read and write your notes, confirm that it is you.", signal));
    if (isDone) look({ moved: false });
    return isDone;
  },
  onSessionEnded: ({ reason }) =>
    tell(
      reason === "replayed"
        ? "You were signed out, because a copy of your session was used somewhere else. Sign in again; if that was not you, change your password."
        : "You were signed out. Sign in to continue.",
      reason === "replayed" ? "danger" : "warn",
    ),
});

entry(client);
prompts(client);
setUps(client);
const everybodys = publicNotes(visitor, me);
const own = ownNotes(client, me, everybodys);
const readSessions = sessions(client);
const readRecovery = recoveryCodes(client);
const readFactors = factors(client, readSecurity);
const look = routes(() => Boolean(user), (name) => (name === "security" ? readSecurity() : undefined));

async function readSecurity() {
  readSessions();
  readRecovery(await readFactors());
}

client.auth.onAuthStateChange((_event, session) => {
  const now = session?.user ?? null;
  const isFirst = user === undefined;
  if (!isFirst && now?.id === me()) return;
  user = now;
  setTimeout(() => changed(isFirst)); // the SDK tells before it is done
});

function changed(isFirst) {
  all("[data-in]").forEach((part) => { part.hidden = !user; });
  all("[data-out]").forEach((part) => { part.hidden = Boolean(user); });
  one("[data-email]").textContent = user?.email ?? "";
  startOver();
  own.forget();
  everybodys();
  if (user) own.read();
  else leave();
  look({ moved: false });
  if (isFirst) return;
  if (user) hush();
  arrived();
}

/** Nothing of the one who was here stays open. */
function leave() {
  all("dialog[open]").forEach((dialog) => dialog.close());
  history.replaceState(null, "", location.pathname);
}

/** What had the focus is gone: go on where the change is. */
function arrived() {
  say(user ? `Signed in as ${user.email}.` : "You are signed out.");
  one("#yours-heading").focus();
}

one("[data-sign-out]").addEventListener("click", () => client.auth.signOut({ scope: "local" }));
watchNetwork(() => { everybodys(); if (user) own.readAgain(); });
document.addEventListener("visibilitychange", () => {
  if (user && document.visibilityState === "visible") own.readAgain();
});
