import { expect, test } from "vitest";
import { countOfPieces, fromPieces, toPieces } from "../../../src/storage/pieces.js";

test.each(["", "a", "x".repeat(10), "x".repeat(11), "1.2.3".repeat(9), "line\nend"])(
  "a text comes back from its pieces: %j",
  (text) => {
    const pieces = toPieces(text, 10);
    expect(fromPieces(pieces)).toBe(text);
    expect(countOfPieces(pieces[0])).toBe(pieces.length);
    for (const piece of pieces.slice(1)) expect(piece.length).toBeLessThanOrEqual(10);
    expect(pieces[0].length).toBeLessThanOrEqual(10 + 12);
  },
);

test("a piece that is missing, left over or of another text makes it none", () => {
  const [first, second, third] = toPieces("abcdefghi", 3);
  expect(fromPieces([first, second])).toBeNull();
  expect(fromPieces([first, second, undefined])).toBeNull();
  expect(fromPieces([first, second, third, "more"])).toBeNull();
  expect(fromPieces([first, "DEF", third])).toBeNull();
});

test.each([null, undefined, "", "text", "0.abc.x", "100.abc.x", "-1.abc.x", '{"access_token":1}'])(
  "what is none of ours has no pieces: %j",
  (first) => {
    expect(countOfPieces(first)).toBe(0);
    expect(fromPieces([first])).toBeNull();
  },
);
