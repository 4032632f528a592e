/**
 * Cuts a text into pieces of at most `size` characters, for places that hold short values only.
 * The first piece also says how many there are and what they add up to, in at most 12 characters
 * more, so that a half-written set is told from a whole one.
 */
export function toPieces(text: string, size: number): [string, ...string[]] {
  const count = Math.max(1, Math.ceil(text.length / size));
  const cut = (index: number) => text.slice(index * size, (index + 1) * size);
  const rest = Array.from({ length: count - 1 }, (_, index) => cut(index + 1));
  return [`${count}.${checksum(text)}.${cut(0)}`, ...rest];
}

/** How many pieces a first piece announces, itself included. 0: it is none of ours. */
export function countOfPieces(first: string | null | undefined): number {
  return Number(/^([1-9]\d?)\.[0-9a-z]{1,7}\./.exec(first ?? "")?.[1] ?? 0);
}

/** The text, or null where a piece is missing or belongs to another text. */
export function fromPieces(pieces: readonly (string | null | undefined)[]): string | null {
  const [, sum, start] = /^\d+\.([0-9a-z]+)\.(.*)$/s.exec(pieces[0] ?? "") ?? [];
  if (start === undefined) return null;
  const text = [start, ...pieces.slice(1)].join("");
  return checksum(text) === sum ? text : null;
}

/** FNV-1a. Against accidents, not against people: who writes the pieces may write any text. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
