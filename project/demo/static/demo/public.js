// Everybody's notes: read without a session, so that nothing which happens to one changes them.
import { one } from "./dom.js";
import { listIn } from "./list.js";
import { draw } from "./note.js";
import { inWords } from "./words.js";

/** `me()` is the id of who is signed in, if somebody is. Answers a function that reads them again. */
export function publicNotes(visitor, me) {
  const list = listIn(one("[data-public]"));
  return async function read() {
    list.loading();
    const { data, error } = await visitor
      .from("notes")
      .select("title,body,owner,created_at")
      .eq("is_public", true)
      .order("created_at", { ascending: false })
      .limit(50);
    if (error) return list.failed(inWords(error), "Try again", read);
    list.rows(
      data.map((note) => draw(note, { mine: note.owner === me() })),
      "Nobody made a note public yet.",
    );
  };
}
