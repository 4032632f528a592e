// LINGAUTH_URL=https://id.example.com/b/shop LINGAUTH_ANON_KEY=lk_anon_… npx tsx node.ts
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { handle } from "./app.js";

const { LINGAUTH_URL = "", LINGAUTH_ANON_KEY = "" } = process.env;

createServer(async (incoming, outgoing) => {
  const { method = "GET", url, headers } = incoming;
  const request = new Request(`http://${headers.host}${url}`, {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, `${value}`]),
    body: method === "POST" ? await text(incoming) : null,
  });
  const response = await handle(request, LINGAUTH_URL, LINGAUTH_ANON_KEY);
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  outgoing.end(await response.text());
}).listen(3000, "127.0.0.1");
