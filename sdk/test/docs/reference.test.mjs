import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { PAGE, reference } from "../../scripts/reference.mjs";

test("docs/sdk-reference.md is what `make docs` writes", async () => {
  assert.equal(await readFile(PAGE, "utf8"), reference());
});
