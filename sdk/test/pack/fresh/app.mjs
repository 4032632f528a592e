// What an app in Node does with the installed package. Its backend is a stand-in: one public note.
import { createClient, isMfaRequired } from "lingauth";
import { secureStorage } from "lingauth/native";
import { cookieJar, createServerClient } from "lingauth/server";

const [url] = process.argv.slice(2);
const kept = new Map();
const storage = secureStorage({
  getItemAsync: async (key) => kept.get(key) ?? null,
  setItemAsync: async (key, value) => void kept.set(key, value),
  deleteItemAsync: async (key) => void kept.delete(key),
});
const client = createClient(url, "lk_anon_1", { storage });
const notes = await client.from("notes").select("title");
const refused = await client.request("GET", "/refused");
client.dispose();

const server = createServerClient(url, "lk_anon_1", { cookies: cookieJar("") });
const { data } = await server.auth.getSession();

console.log(JSON.stringify({ notes: notes.data, refused: isMfaRequired(refused.error), ...data }));
