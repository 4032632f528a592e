"""Rows out of files, with the lines that an editor shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from lingauth.management import exports
from lingauth.services.imported_rows import Row

pytestmark = pytest.mark.once


def read(path: Path, content: str | bytes, *needs: str) -> list[Row]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(exports.rows(str(path), table="users", needs=needs))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "users"


def test_csv_with_a_byte_order_mark_and_windows_lines(file: Path) -> None:
    found = read(file, b"\xef\xbb\xbfid,note\r\n1,one\r\n2,two\r\n", "id")
    assert [(row.line, row.values) for row in found] == [
        (2, {"id": "1", "note": "one"}),
        (3, {"id": "2", "note": "two"}),
    ]


def test_a_row_of_csv_begins_where_it_begins(file: Path) -> None:
    found = read(file, 'id,note\n1,"one\n\nand more"\n2,two\n')
    assert [(row.line, row.get("note")) for row in found] == [(2, "one\n\nand more"), (5, "two")]


def test_a_row_with_other_columns_is_a_problem_and_no_end(file: Path) -> None:
    found = read(file, "id,note\n1\n\n2,two\n")
    assert [row.problem for row in found] == ["has 1 columns instead of 2", ""]


def test_a_line_that_is_no_json_is_a_problem_and_no_end(file: Path) -> None:
    found = read(file, '{"id": 1}\n{"id": \n[]\n{"id": 2}\n')
    assert [(row.line, row.problem) for row in found] == [
        (1, ""),
        (2, "is not a JSON object"),
        (3, "is not a JSON object"),
        (4, ""),
    ]


def test_an_array_longer_than_what_is_read_at_once(file: Path) -> None:
    rows = [{"id": n, "note": "x" * 1000} for n in range(300)]
    found = read(file, json.dumps(rows, indent=1))
    assert [row.get("id") for row in found] == list(range(300))
    assert [row.line for row in found] == [2 + 4 * n for n in range(300)]


def test_one_object_longer_than_what_is_read_at_once(file: Path) -> None:
    [row] = read(file, json.dumps([{"note": "x" * 300_000}]))
    assert len(row.get("note")) == 300_000


def test_an_array_that_never_ends_is_not_read_into_memory(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_ROW", 1000)
    with pytest.raises(CommandError, match="line 1: the JSON cannot be read"):
        read(file, '[{"note": "' + "x" * 1_000_000)


def test_the_text_of_a_dump_is_unescaped(file: Path) -> None:
    dump = (
        "SET statement_timeout = 0;\n"
        "COPY auth.users (id, note, nothing) FROM stdin;\n"
        "1\tone\\ttwo\\nthree\\\\four\t\\N\n"
        "\\.\n"
        "COPY auth.users (id, note, nothing) FROM stdin;\n"
        "2\tnever\t\\N\n"
    )
    [row] = read(file, dump, "id")
    assert row.line == 3
    assert row.values == {"id": "1", "note": "one\ttwo\nthree\\four", "nothing": None}


def test_what_is_no_text_is_said(file: Path) -> None:
    with pytest.raises(CommandError, match="not text in UTF-8"):
        read(file, b"id,note\n1,\xff\xfe\n")
