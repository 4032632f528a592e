"""Rows of one table, out of the files that people export tables to.

Known are CSV with a header (``COPY … WITH (FORMAT csv, HEADER)``, ``\\copy``, a download from a
dashboard), JSON (an array of objects, or an object a line) and what ``pg_dump`` writes. A file is
read as it goes, whatever its size; a line number is the one that an editor shows.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import CommandError

from lingauth.services.imported_rows import Row

MAX_ROW = 4 * 1024 * 1024
"""Characters of one row, so that a file of another kind is not read into memory whole."""
_CHUNK = 64 * 1024
_DUMP = re.compile(r'COPY "?auth"?\."?(\w+)"? \(([^)]+)\) FROM stdin;')
_STARTS_A_DUMP = ("--", "SET ", "COPY ", "\\restrict ")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def rows(path: str, *, table: str, needs: Sequence[str]) -> Iterator[Row]:
    """The rows of ``table`` in a file. A row that cannot be read comes with its ``problem``.

    Raises CommandError for a file that is not there or is none of the kinds, and for one that lacks
    a column of ``needs``.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            for count, row in enumerate(_rows(file, path, table)):
                missing = [name for name in needs if name not in row and not row.problem]
                if missing and count == 0:
                    raise CommandError(f"{path}: there is no column {missing[0]!r}.")
                yield row
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not text in UTF-8.") from None


def _rows(file: TextIO, path: str, table: str) -> Iterator[Row]:
    start = file.read(4096).lstrip()
    file.seek(0)
    if start.startswith("["):
        return _json_array(file, path)
    if start.startswith("{"):
        return _json_lines(file)
    if start.startswith(_STARTS_A_DUMP):
        return _dump(file, path, table)
    return _csv(file, path)


def _csv(file: TextIO, path: str) -> Iterator[Row]:
    csv.field_size_limit(MAX_ROW)
    reader = csv.reader(file, strict=True)
    try:
        names = next(reader, [])
        line = reader.line_num + 1
        for values in reader:
            if len(values) == len(names):
                yield Row(line, dict(zip(names, values, strict=True)))
            elif values:
                yield Row(line, problem=f"has {len(values)} columns instead of {len(names)}")
            line = reader.line_num + 1
    except csv.Error as error:
        raise CommandError(f"{path}, line {reader.line_num}: {error}.") from None


def _json_lines(file: TextIO) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield _object(number, line)


def _object(line: int, text: str) -> Row:
    with suppress(ValueError, RecursionError):
        value = json.loads(text)
        if isinstance(value, dict):
            return Row(line, value)
    return Row(line, problem="is not a JSON object")


def _json_array(file: TextIO, path: str) -> Iterator[Row]:
    """One element after the other, without the whole array in memory."""
    decoder = json.JSONDecoder()
    text = file.read(_CHUNK)
    start = text.index("[") + 1
    line, text = 1 + text[:start].count("\n"), text[start:]
    while True:
        bare = text.lstrip(" \t\r\n,")
        line += text[: len(text) - len(bare)].count("\n")
        text = bare
        if text.startswith("]"):
            return
        try:
            value, end = decoder.raw_decode(text)
        except (ValueError, RecursionError):
            more = file.read(max(_CHUNK, len(text)))
            if not more or len(text) > MAX_ROW:
                raise CommandError(f"{path}, line {line}: the JSON cannot be read.") from None
            text += more
            continue
        known = isinstance(value, dict)
        yield Row(line, value) if known else Row(line, problem="is not a JSON object")
        line += text[:end].count("\n")
        text = text[end:]


def _dump(file: TextIO, path: str, table: str) -> Iterator[Row]:
    """The table's part of a dump: a ``COPY`` and the lines after it, up to ``\\.``."""
    names: list[str] | None = None
    for number, line in enumerate(file, start=1):
        if names is None:
            found = _DUMP.match(line)
            if found and found[1] == table:
                names = [name.strip(' "') for name in found[2].split(",")]
        elif line.rstrip("\r\n") == "\\.":
            return
        else:
            values = [_unescaped(value) for value in line.rstrip("\r\n").split("\t")]
            if len(values) == len(names):
                yield Row(number, dict(zip(names, values, strict=True)))
            else:
                problem = f"has {len(values)} columns instead of {len(names)}"
                yield Row(number, problem=problem)
    if names is None:
        raise CommandError(f"{path} has no COPY of auth.{table}.")


def _unescaped(value: str) -> Any:
    """A value of PostgreSQL's text format (its manual, COPY, "Text Format")."""
    if value == "\\N":
        return None
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), value)
