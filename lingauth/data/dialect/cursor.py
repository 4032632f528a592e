"""A reader over one parameter's text. Every step moves forward, so reading is linear."""

from __future__ import annotations

from collections.abc import Container

from .errors import DataError, unreadable


class Cursor:
    """Reads ``text`` from left to right. ``what`` names the part of the query in errors."""

    __slots__ = ("at", "text", "what")

    def __init__(self, text: str, what: str) -> None:
        self.text = text
        self.what = what
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def peek(self) -> str:
        """The next character, or the empty string at the end."""
        return self.text[self.at] if self.at < len(self.text) else ""

    def skip(self, character: str) -> bool:
        """Step over ``character`` if it comes next; says whether it did."""
        if self.peek() != character:
            return False
        self.at += 1
        return True

    def expect(self, character: str) -> None:
        if not self.skip(character):
            raise self.error(f'expected "{character}"')

    def until(self, stops: Container[str]) -> str:
        """Everything up to one of ``stops`` or the end; the stop itself is left."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in stops:
            self.at += 1
        return self.text[start : self.at]

    def rest(self) -> str:
        start, self.at = self.at, len(self.text)
        return self.text[start:]

    def quoted(self) -> str:
        """A double-quoted value; ``\\"`` and ``\\\\`` stand for the quote and the backslash."""
        self.expect('"')
        taken: list[str] = []
        while not self.done:
            character = self.text[self.at]
            self.at += 1
            if character == '"':
                return "".join(taken)
            if character == "\\":
                character = self.peek()
                if not character:
                    break
                self.at += 1
            taken.append(character)
        raise self.error("a quoted value is not closed")

    def value(self, stops: Container[str]) -> str:
        """A quoted value, or plain text up to one of ``stops``.

        Text that only begins with a quote is plain, as in PostgREST: ``"a"b`` is four characters.
        """
        if self.peek() != '"':
            return self.until(stops)
        start = self.at
        try:
            taken = self.quoted()
        except DataError:
            self.at = start
            return self.until(stops)
        if self.done or self.peek() in stops:
            return taken
        self.at = start
        return self.until(stops)

    def name(self, stops: Container[str]) -> str:
        """A column's name, quoted or plain. Raises if there is none."""
        taken = self.quoted() if self.peek() == '"' else self.until(stops).strip()
        if not taken:
            raise self.error("expected a column's name")
        return taken

    def finish(self) -> None:
        if not self.done:
            raise self.error("unexpected text after the end")

    def error(self, details: str) -> DataError:
        return unreadable(self.what, self.text, f"{details} at character {self.at + 1}")
