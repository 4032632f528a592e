// One's own notes. A call that is refused with mfa_required asks for a code by itself: the SDK sees
// to it, and nothing here knows. Only giving up comes back, as an error.
import { isMfaRequired } from "./lingauth.js";
import { ask } from "./ask.js";
import { all, one, put, say } from "./dom.js";
import { fresh, onSubmit } from "./form.js";
import { listIn } from "./list.js";
import { draw } from "./note.js";
import { inWords } from "./words.js";

const NONE = "None yet. Write the first one above.";
const COLUMNS = "id,title,body,is_public,created_at";

/** `onPublic()`: what everybody sees has changed. */
export function ownNotes(client, me, onPublic) {
  const place = one("[data-own]");
  const form = one("[data-form=note]", place);
  const list = listIn(place);
  let isShut = false;
  let drawn = ""; // what the list was drawn from, if it was not changed since

  async function read() {
    const whose = me();
    list.loading();
    const { data, error } = await client
      .from("notes")
      .select(COLUMNS)
      .eq("owner", me())
      .order("created_at", { ascending: false })
      .limit(50);
    if (whose !== me()) return; // somebody else by now, or nobody
    isShut = isMfaRequired(error);
    form.hidden = isShut;
    if (isShut) return shut(error.details.next);
    if (error) return list.failed(inWords(error), "Try again", read);
    if (JSON.stringify(data) === drawn) return list.settle(NONE); // nobody loses their place in it
    drawn = JSON.stringify(data);
    list.rows(data.map(row), NONE);
  }

  function shut(next) {
    const [what, label] =
      next === "enroll"
        ? ["set up a second step", "Set it up"]
        : ["confirm a code from your authenticator app", "Enter a code"];
    drawn = "";
    list.failed(`Your notes stay closed until you ${what}.`, label, read, { keep: false });
  }

  onSubmit(form, async ({ title, body, is_public }) => {
    const note = { title, body, is_public: is_public === "on" };
    const { data, error } = await client.from("notes").insert(note).select(COLUMNS).single();
    if (error) return { text: `Not added. ${inWords(error)}` };
    fresh(form);
    drawn = "";
    list.add(row(data));
    say(`Added ${title}.`);
    form.elements.title.focus();
    if (data.is_public) onPublic();
  });

  function row(note) {
    const made = draw(note);
    const problem = one("[data-problem]", made);
    const shared = one("[data-is-public]", made);
    all("[data-action]", made).forEach((action) => { action.hidden = false; });
    one("[data-named]", made).textContent = ` ${note.title}`;
    shared.checked = note.is_public;
    shared.setAttribute("aria-label", `Public: ${note.title}`);

    shared.addEventListener("change", async () => {
      const { error } = await client.from("notes").update({ is_public: shared.checked }).eq("id", note.id);
      put(problem, error ? `Not changed. ${inWords(error)}` : "");
      if (error) shared.checked = !shared.checked;
      else {
        drawn = "";
        say(shared.checked ? "Anyone can read it now." : "Only you can read it now.");
        onPublic();
      }
    });

    one("[data-delete]", made).addEventListener("click", async () => {
      if (!(await ask(`Delete “${note.title}”?`, "It cannot be brought back.", "Delete"))) return;
      const { error } = await client.from("notes").delete().eq("id", note.id);
      put(problem, error ? `Not deleted. ${inWords(error)}` : "");
      if (error) return;
      drawn = "";
      made.remove();
      list.settle(NONE);
      say(`Deleted ${note.title}.`);
      form.elements.title.focus();
      if (shared.checked) onPublic();
    });
    return made;
  }

  return {
    read,
    /** Look again, unless the person just said that they will not confirm a code. */
    readAgain: () => { if (!isShut) read(); },
    forget() {
      drawn = "";
      fresh(form);
      list.empty();
    },
  };
}
