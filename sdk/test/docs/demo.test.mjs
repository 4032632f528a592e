import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "vite";
import { SDK } from "./pages.mjs";

test("the demo's copy of the SDK is what `npm run demo` writes", async () => {
  const [{ output }] = await build({
    root: SDK,
    configFile: join(SDK, "vite.demo.config.ts"),
    build: { write: false },
  });
  const made = output.map((file) => [file.fileName, file.code ?? file.source]);
  assert.deepEqual(made.map(([name]) => name), ["lingauth.js", "lingauth.licenses.md"]);
  for (const [name, text] of made) {
    const committed = await readFile(join(SDK, "../project/demo/static/demo", name), "utf8");
    assert.ok(text === committed, `${name} is not: run it in sdk/ and commit the file`);
  }
});
