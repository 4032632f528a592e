// Where the account is signed in.
import { copyOf, moment, one, put, say } from "./dom.js";
import { listIn } from "./list.js";
import { inWords } from "./words.js";

export function sessions(client) {
  const place = one("[data-sessions]");
  const list = listIn(place);

  async function read() {
    list.loading();
    const { data, error } = await client.auth.listSessions();
    if (error) return list.failed(inWords(error), "Try again", read);
    list.rows(data.sessions.map(row));
  }

  function row(session) {
    const made = copyOf("row");
    const name = session.device || "Another device";
    const end = one("[data-act]", made);
    one("[data-name]", made).textContent = name;
    put(one("[data-badge]", made), session.current ? "This browser" : "");
    const facts = [session.aal === "aal2" ? "Code confirmed" : "Code not confirmed"];
    facts.push(`signed in ${moment(session.created_at)}`);
    if (!session.current) facts.push(`last seen ${moment(session.last_seen_at)}`);
    one("[data-facts]", made).textContent = facts.join(" · ");
    end.hidden = session.current;
    end.textContent = "Sign out";
    end.setAttribute("aria-label", `Sign out ${name}`);
    end.addEventListener("click", async () => {
      const { error } = await client.auth.revokeSession(session.id);
      put(one("[data-problem]", made), error ? `Not signed out. ${inWords(error)}` : "");
      if (error) return;
      made.remove();
      say(`${name} is signed out.`);
      one("h2", place).focus();
    });
    return made;
  }

  return read;
}
