// The package as npm hands it out, in a project that has nothing else. Without a network: what it
// depends on is packed from node_modules.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";

const HERE = dirname(fileURLToPath(import.meta.url));
const SDK = join(HERE, "../..");
const NEEDED = ["@supabase/auth-js", "@supabase/postgrest-js", "tslib"];
const run = promisify(execFile);

let project;
let packed;

before(async () => {
  project = await mkdtemp(join(tmpdir(), "lingauth-pack-"));
  await cp(join(HERE, "fresh"), project, { recursive: true });
  await writeFile(join(project, "package.json"), '{ "private": true, "type": "module" }');
  packed = await pack(SDK);
  const needed = await Promise.all(NEEDED.map((name) => pack(join(SDK, "node_modules", name))));
  await install([packed, ...needed]);
});

after(() => rm(project, { recursive: true, force: true }));

/** Packs a folder into the project. A package that was published already is not built again. */
async function pack(folder) {
  const flags = folder === SDK ? [] : ["--ignore-scripts"];
  const { stdout } = await npm(["pack", folder, "--json", ...flags]);
  // What the build prints comes before it.
  return JSON.parse(stdout.slice(stdout.indexOf("[\n")))[0];
}

function install(packages) {
  const files = packages.map(({ filename }) => `./${filename}`);
  return npm(["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", ...files]);
}

function npm(command) {
  return run("npm", command, { cwd: project });
}

/** A backend with one public note, which refuses everything else until a second step. */
async function backend(respond) {
  const server = createServer((request, response) => {
    const isNotes = request.url === "/b/shop/rest/v1/notes?select=title";
    response.writeHead(isNotes ? 200 : 403, { "Content-Type": "application/json" });
    response.end(JSON.stringify(isNotes ? [{ title: "Hello" }] : { code: "mfa_required", message: "" }));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    return await respond(`http://127.0.0.1:${server.address().port}/b/shop`);
  } finally {
    server.close();
  }
}

test("it holds what is used and nothing else", () => {
  const files = packed.files.map(({ path }) => path);
  for (const file of ["LICENSE", "README.md", "package.json", "dist/index.js", "dist/index.d.ts"]) {
    assert.ok(files.includes(file), file);
  }
  const others = files.filter((path) => !/^(LICENSE|README\.md|package\.json|(dist|src)\/.+)$/.test(path));
  assert.deepEqual(others, []);
  const built = files.filter((path) => /^dist\/.+\.js$/.test(path));
  const sources = built.map((path) => path.replace("dist", "src").replace(/js$/, "ts"));
  assert.deepEqual(sources.filter((path) => !files.includes(path)), []);
});

test("each entry names its types first, for tools that take the first match", async () => {
  const { exports } = JSON.parse(await readFile(join(SDK, "package.json"), "utf8"));
  const entries = Object.values(exports).filter((entry) => typeof entry === "object");
  assert.equal(entries.length, 4);
  for (const entry of entries) assert.equal(Object.keys(entry)[0], "types");
});

test("it runs in Node, without React", async () => {
  const { stdout } = await backend((url) => run("node", ["app.mjs", url], { cwd: project }));
  assert.deepEqual(JSON.parse(stdout), { notes: [{ title: "Hello" }], refused: true, session: null });
});

test("with React installed, its hooks can be loaded", async () => {
  await install([await pack(join(SDK, "node_modules/react"))]);
  const code = 'import { useSession } from "lingauth/react"; console.log(typeof useSession)';
  const { stdout } = await run("node", ["--input-type=module", "-e", code], { cwd: project });
  assert.equal(stdout, "function\n");
});

test("TypeScript finds its types, and nothing wrong in them", async () => {
  const tsc = join(SDK, "node_modules/typescript/bin/tsc");
  const flags = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--target", "es2022"];
  flags.push("--module", "nodenext", "--types", "react");
  flags.push("--typeRoots", join(SDK, "node_modules/@types"));
  const checked = run("node", [tsc, ...flags, "types.ts"], { cwd: project });
  const { stdout } = await checked.catch((found) => found);
  // Where the compiler's DOM types have moved on, auth-js's own contradict them.
  const ours = stdout.split("\n").filter((line) => /^(?!node_modules\/@supabase\/)\S/.test(line));
  assert.deepEqual(ours, []);
});

/** Vite's bundle of a file, with the packages in it. */
async function bundled(entry) {
  await build({
    root: project,
    logLevel: "error",
    build: {
      lib: { entry: join(project, entry), formats: ["es"], fileName: "bundle" },
      outDir: join(project, "out", entry),
    },
  });
  return join(project, "out", entry, "bundle.js");
}

test("Vite bundles it, and the bundle works", async () => {
  const { createClient } = await import(pathToFileURL(await bundled("whole.js")).href);
  await backend(async (url) => {
    const client = createClient(url, "lk_anon_1");
    const { data } = await client.from("notes").select("title");
    client.dispose();
    assert.deepEqual(data, [{ title: "Hello" }]);
  });
});

test("a bundle holds what the app uses: no client for who asks about an error alone", async () => {
  const text = await readFile(await bundled("part.js"), "utf8");
  assert.ok(text.length < 500, text);
});
