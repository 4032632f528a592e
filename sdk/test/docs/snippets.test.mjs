// The code in docs/react.md is the example that is tested; docs/server-side-rendering.md compiles.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { blocks, SDK } from "./pages.mjs";

test("React's page shows the files of the example", async () => {
  const shown = (await blocks("react.md")).filter(({ language }) => /^tsx?$/.test(language));
  assert.ok(shown.length >= 5);
  for (const { file, code } of shown) {
    assert.equal(code, await readFile(join(SDK, "examples/react", file), "utf8"), file);
  }
});

test("what the page about servers shows is right for TypeScript", async () => {
  const shown = (await blocks("server-side-rendering.md")).filter(({ language }) => language === "ts");
  assert.ok(shown.length >= 8);
  const files = new Map(
    shown.map(({ file, code }, at) => [join(SDK, "snippets", file ?? `app/${at}.ts`), code]),
  );
  const { problems } = check(files, join(SDK, "test/docs/frameworks.d.ts"));
  assert.deepEqual(problems, []);
});

/** What the compiler says of files that are in memory only, beside the SDK's sources. */
function check(files, shims) {
  const { options } = ts.getParsedCommandLineOfConfigFile(join(SDK, "tsconfig.json"), {}, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (problem) => assert.fail(problem.messageText),
  });
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile: read, directoryExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? read(path);
  host.directoryExists = (path) =>
    [...files.keys()].some((file) => file.startsWith(`${path}/`)) || directoryExists(path);
  const program = ts.createProgram([...files.keys(), shims], options, host);
  const found = ts.getPreEmitDiagnostics(program);
  const problems = found.map(({ file, messageText }) => {
    return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  return { problems };
}
