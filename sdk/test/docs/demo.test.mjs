import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "vite";
import { SDK } from "./pages.mjs";

test("the demo's lingauth.js is what `npm run demo` writes", async () => {
  const [{ output }] = await build({
    root: SDK,
    configFile: join(SDK, "vite.demo.config.ts"),
    build: { write: false },
  });
  assert.deepEqual(output.map(({ fileName }) => fileName), ["lingauth.js"]);
  const committed = await readFile(join(SDK, "../project/demo/static/demo/lingauth.js"), "utf8");
  assert.ok(output[0].code === committed, "It is not: run `npm run demo` in sdk/ and commit the file.");
});
