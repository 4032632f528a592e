"""Answers of the data API: JSON bytes and PostgREST's headers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from lingauth.data.dialect import Format, Preferences, Return
from lingauth.data.dialect.errors import bad_range, not_single
from lingauth.data.reads import Page, Sent
from lingauth.data.registry import Table
from lingauth.data.writes import Wish, Written


def read(request: HttpRequest, page: Page, form: Format, prefer: Preferences) -> HttpResponse:
    """The answer to GET, and to HEAD: then the same headers over no body.

    206 when rows are left out and their total is known, else 200. Raises PGRST103 (416) for a
    window past the end, PGRST116 (406) for one object that is not exactly one.
    """
    if page.total is not None and page.offset > page.total:
        raise bad_range(
            f"An offset of {page.offset} was requested, but there are only {page.total} rows."
        )
    if form.single and len(page.rows) != 1:
        raise not_single(len(page.rows))
    partial = page.total is not None and len(page.rows) < page.total
    response = _body(page.rows, form, status=206 if partial else 200)
    response["Content-Range"] = _range(page.offset, len(page.rows), page.total)
    _applied(response, prefer)
    if request.method == "HEAD":
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response


def written(request: HttpRequest, table: Table, done: Written, wish: Wish) -> HttpResponse:
    """The answer to a write: 201 for a POST that made something, else 200; 204 without rows."""
    posted = request.method == "POST"
    status = 201 if posted and not done.merged else 200
    if done.rows is None:
        response = HttpResponse(status=status if posted else 204)
        del response["Content-Type"]
    else:
        response = _body(done.rows, wish.format, status=status)
    total = done.count if wish.prefer.count else None
    if request.method == "PATCH":
        response["Content-Range"] = _range(0, done.count, total)
    elif request.method != "PUT":
        response["Content-Range"] = _range(0, 0, total)
    if posted and wish.prefer.give is Return.HEADERS_ONLY and len(done.keys) == 1:
        response["Location"] = f"{request.path}?{table.shape.key}=eq.{done.keys[0]}"
    _applied(response, wish.prefer)
    return response


def _body(rows: list[Sent], form: Format, *, status: int) -> HttpResponse:
    if form.strip_nulls:
        rows = [{key: value for key, value in row.items() if value is not None} for row in rows]
    data: Any = rows[0] if form.single else rows
    text = json.dumps(data, default=_plain, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text.encode(), content_type=form.content_type, status=status)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"The data API has no JSON for {type(value).__name__}.")


def _range(offset: int, count: int, total: int | None) -> str:
    rows = f"{offset}-{offset + count - 1}" if count else "*"
    return f"{rows}/{'*' if total is None else total}"


def _applied(response: HttpResponse, prefer: Preferences) -> None:
    if prefer.applied:
        response["Preference-Applied"] = ", ".join(prefer.applied)
