import { useEffect, useState } from "react";
import { client } from "./client.js";

type Note = { id: number; title: string };

export function Notes() {
  const [notes, setNotes] = useState<Note[]>([]);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let shown = true;
    void client
      .from("notes")
      .select("id, title")
      .then(({ data, error }) => {
        if (!shown) return;
        setNotes(data ?? []);
        setProblem(error ? error.message : "");
      });
    return () => {
      shown = false;
    };
  }, []);
  return (
    <>
      <p role="alert">{problem}</p>
      <ul>
        {notes.map((note) => (
          <li key={note.id}>{note.title}</li>
        ))}
      </ul>
    </>
  );
}
