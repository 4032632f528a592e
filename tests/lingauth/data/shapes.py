"""A table shape like the demo's, with a nullable column added, for tests of the dialect."""

from __future__ import annotations

from lingauth.data.dialect import Column, Kind, Shape

_COLUMNS = (
    Column("id", Kind.INTEGER),
    Column("owner", Kind.UUID),
    Column("title", Kind.TEXT, max_length=200),
    Column("body", Kind.TEXT),
    Column("is_public", Kind.BOOLEAN),
    Column("created_at", Kind.TIMESTAMP),
    Column("rank", Kind.INTEGER, nullable=True, minimum=-32768, maximum=32767),
)
NOTES = Shape("notes", "id", {column.name: column for column in _COLUMNS})
