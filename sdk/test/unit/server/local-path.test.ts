import { expect, test } from "vitest";
import { localPath } from "../../../src/server/local-path.js";

test.each(["/", "/notes", "/notes?of=me#last", "/a//b", "/%2F%2Fevil.example"])(
  "%s is a path of this site",
  (path) => {
    expect(localPath(path, "/home")).toBe(path);
    expect(new URL(localPath(path), "https://app.example").origin).toBe("https://app.example");
  },
);

test.each([
  null,
  undefined,
  "",
  "notes",
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "\t//evil.example",
  "/\n/evil.example",
  "javascript:alert(1)",
])("%j is not", (path) => {
  expect(localPath(path, "/home")).toBe("/home");
});
