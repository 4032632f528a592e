"""The data API's part of a description: every registered table, from its shape."""

from __future__ import annotations

import json
from typing import Any, Final

from lingauth.api.docs import examples
from lingauth.api.docs.data_refusals import COMMON, READ, REPLACE, WRITE
from lingauth.api.docs.operation import Access, Refusal
from lingauth.api.docs.schema import CHALLENGE, RETRY_AFTER, codes
from lingauth.data import registry
from lingauth.data.dialect import Column, Kind
from lingauth.data.registry import Table

TAG: Final = "Data"
JSON: Final = "application/json"
TYPES: Final[dict[Kind, dict[str, Any]]] = {
    Kind.INTEGER: {"type": "integer"},
    Kind.TEXT: {"type": "string"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.TIMESTAMP: {"type": "string", "format": "date-time"},
    Kind.UUID: {"type": "string", "format": "uuid"},
}
SAMPLES: Final[dict[Kind, Any]] = {
    Kind.INTEGER: 3,
    Kind.TEXT: "A text",
    Kind.BOOLEAN: True,
    Kind.TIMESTAMP: "2026-01-15T09:30:00+00:00",
    Kind.UUID: "7d0ad6a3-8a0f-4f5c-9b44-3f1f2c2d0b11",
}


def described() -> tuple[dict[str, Any], dict[str, Any]]:
    """The paths of all tables, and the schemas they refer to."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for table in registry.tables():
        paths[f"/rest/v1/{table.name}"] = _operations(table)
        schemas |= _schemas(table)
    return paths, schemas


def _schemas(table: Table) -> dict[str, Any]:
    columns = table.shape.columns.values()
    key = table.shape.key
    write = {
        **{c.name: _type(c) for c in columns if c.name in table.writable},
        **{c.name: _claimed(c) for c in columns if c.name in table.policy.claimed},
    }
    return {
        f"{table.name}.row": {
            "type": "object",
            "description": "With `select`, just the columns asked for.",
            "properties": {column.name: _type(column) for column in columns},
        },
        f"{table.name}.write": {
            "type": "object",
            "properties": write,
            "additionalProperties": False,
        },
        f"{table.name}.replace": {
            "type": "object",
            "properties": {key: _type(table.shape.columns[key]), **write},
            "required": [key],
            "additionalProperties": False,
        },
    }


def _type(column: Column) -> dict[str, Any]:
    schema = dict(TYPES[column.kind])
    if column.max_length is not None:
        schema["maxLength"] = column.max_length
    if column.nullable:
        schema["nullable"] = True
    return schema


def _claimed(column: Column) -> dict[str, Any]:
    """A column that the table's row policy fills in."""
    return _type(column) | {"description": "The session's own; a service key has to say whose."}


def sample(table: Table, *, written: bool = False) -> dict[str, Any]:
    """A row that could be: every column, or those that a caller may write."""
    return {
        column.name: SAMPLES[column.kind]
        for column in table.shape.columns.values()
        if not written or column.name in table.writable
    }


def _operations(table: Table) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/{table.name}.row"}
    rows = {"type": "array", "items": row}
    body = {"$ref": f"#/components/schemas/{table.name}.write"}
    name = table.name
    back = "With `Prefer: return=representation` the rows; else no body."
    return {
        "get": _operation(
            table,
            "list",
            f"Read rows of {name}",
            "Those the caller may see: without a session, public ones alone.",
            {"200": ("The rows.", rows), "206": ("A part; the total is known.", rows)},
            READ,
        ),
        "post": _operation(
            table,
            "insert",
            f"Insert into {name}",
            back,
            {"201": ("Inserted.", rows)},
            WRITE,
            {"oneOf": [body, {"type": "array", "items": body}]},
        ),
        "patch": _operation(
            table,
            "update",
            f"Change rows of {name}",
            f"Those that match the filters. {back}",
            {"200": ("Changed.", rows), "204": ("Changed.", None)},
            WRITE,
            body,
        ),
        "put": _operation(
            table,
            "replace",
            f"Replace one row of {name}",
            f"The one whose `{table.shape.key}` is named by an `eq.` filter, and by the body. A "
            f"column that the body leaves out gets its default. {back}",
            {"200": ("Replaced.", rows), "204": ("Replaced.", None)},
            REPLACE,
            {"$ref": f"#/components/schemas/{table.name}.replace"},
        ),
        "delete": _operation(
            table,
            "delete",
            f"Delete rows of {name}",
            f"Those that match the filters. {back}",
            {"200": ("Deleted.", rows), "204": ("Deleted.", None)},
            WRITE,
        ),
    }


def _operation(
    table: Table,
    verb: str,
    summary: str,
    description: str,
    done: dict[str, tuple[str, dict[str, Any] | None]],
    refusals: tuple[Refusal, ...],
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    responses: dict[str, Any] = {
        status: {"description": text}
        | ({"content": {JSON: {"schema": rows, "example": [sample(table)]}}} if rows else {})
        for status, (text, rows) in done.items()
    }
    operation: dict[str, Any] = {
        "operationId": f"{verb}_{table.name}",
        "summary": summary,
        "description": description,
        "tags": [TAG],
        "parameters": _parameters(table, verb),
        "security": Access.DATA.security,
        "responses": responses | _refused(table, (*refusals, *COMMON)),
    }
    if body is not None:
        shown = sample(table, written=True)
        if verb == "replace":
            shown = {table.shape.key: sample(table)[table.shape.key], **shown}
        content = {JSON: {"schema": body, "example": shown}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(table: Table, verb: str) -> list[dict[str, Any]]:
    key = table.shape.key
    columns = [
        _query(name, f"A filter, such as `eq.…`: {column.kind.value}.")
        for name, column in table.shape.columns.items()
    ]
    found = [_query("select", f"The columns sent back, such as `{key}`.")]
    if verb == "list":
        found += [
            _query("order", f"Such as `{key}.desc`."),
            {"name": "limit", "in": "query", "schema": {"type": "integer"}},
            {"name": "offset", "in": "query", "schema": {"type": "integer"}},
        ]
    prefer = "`count=exact`" if verb == "list" else "`return=representation`"
    header = {"name": "Prefer", "in": "header", "schema": {"type": "string"}}
    return [
        *found,
        *(columns if verb != "insert" else []),
        header | {"description": f"Such as {prefer}."},
    ]


def _query(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _refused(table: Table, refusals: tuple[Refusal, ...]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status in sorted({refusal.status for refusal in refusals}):
        of_status = [refusal for refusal in refusals if refusal.status == status]
        answer: dict[str, Any] = {
            "description": codes(of_status),
            "content": {
                JSON: {
                    "schema": {"$ref": "#/components/schemas/Error"},
                    "examples": _examples(table, status, of_status),
                }
            },
        }
        headers = {"WWW-Authenticate": CHALLENGE} if any(r.challenge for r in of_status) else {}
        headers |= {"Retry-After": RETRY_AFTER} if status == 503 else {}
        if headers:
            answer["headers"] = headers
        answers[str(status)] = answer
    return answers


def _examples(table: Table, status: int, refusals: list[Refusal]) -> dict[str, Any]:
    """Those recorded of the table ``notes``, in this table's name."""
    known = {refusal.code for refusal in refusals}
    found = [e for e in examples.refused("data", status, known) if e.answer["code"] in known]
    shown = {e.name: json.loads(json.dumps(e.answer).replace("notes", table.name)) for e in found}
    if not shown:
        first = refusals[0]
        shown = {first.code: {"code": first.code, "message": first.message}}
    return {name: {"value": value} for name, value in shown.items()}
