// The mailbox of the tests: what the server's file backend wrote, read as a mail program does.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { site } from "./site.mjs";

const END = `\n${"-".repeat(79)}\n`;
const sizes = new Map();
const counts = new Map();
const mails = [];

/**
 * The next mail to the address that was not read yet, once it has come; with `about`, the next whose
 * text says that: `{ to, subject, text, html, link, code }`.
 */
export async function mailTo(address, about = "") {
  const wanted = (mail) => mail.to.includes(address) && mail.text.includes(about);
  for (const end = Date.now() + 15_000; Date.now() < end; await sleep(40)) {
    readNew();
    const index = mails.findIndex(wanted);
    if (index >= 0) return mails.splice(index, 1)[0];
  }
  throw new Error(`No mail to ${address} came${about && ` about ${about}`}.`);
}

/** No mail came to the address, although one that was asked for later did to `other`. */
export async function noMailTo(address, other) {
  await mailTo(other);
  readNew();
  return !mails.some((mail) => mail.to.includes(address));
}

function readNew() {
  let names = [];
  try {
    names = readdirSync(site.mail);
  } catch (error) {
    if (error.code !== "ENOENT") throw error; // nothing has been sent yet
  }
  for (const name of names.sort()) {
    const path = join(site.mail, name);
    const { size } = statSync(path);
    if (sizes.get(name) === size) continue;
    sizes.set(name, size);
    // The piece after the last line of dashes is empty, or a mail that is still being written.
    const whole = readFileSync(path, "utf8").split(END).slice(0, -1);
    mails.push(...whole.slice(counts.get(name) ?? 0).map(read));
    counts.set(name, whole.length);
  }
}

function read(source) {
  const { headers, body } = parsed(source);
  const parts = alternatives(headers, body);
  const text = parts["text/plain"];
  return {
    to: headers.to,
    subject: headers.subject,
    text,
    html: parts["text/html"] ?? "",
    link: text.match(/^https?:\S+$/m)?.[0],
    code: text.match(/\b\d{6}\b/)?.[0],
  };
}

function parsed(source) {
  const [head, ...rest] = source.replace(/\r\n/g, "\n").trimStart().split("\n\n");
  const lines = head.replace(/\n[ \t]+/g, " ").split("\n").map((line) => line.split(/: ?(.*)/s));
  const headers = Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value]));
  return { headers, body: rest.join("\n\n") };
}

function alternatives(headers, body) {
  const [type] = headers["content-type"].split(";");
  const boundary = headers["content-type"].match(/boundary="?([^";]+)"?/)?.[1];
  if (!boundary) return { [type]: decoded(headers["content-transfer-encoding"], body) };
  const pieces = body.split(`--${boundary}`).slice(1, -1).map(parsed);
  return Object.assign({}, ...pieces.map((piece) => alternatives(piece.headers, piece.body)));
}

function decoded(encoding, body) {
  if (encoding === "base64") return Buffer.from(body, "base64").toString();
  if (encoding !== "quoted-printable") return body;
  const bytes = body
    .replace(/=\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}
