"""Holding exchanges against an OpenAPI 3.0 document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema

from lingauth.api.docs.examples import Example

DATA = ("list_notes", "insert_notes", "replace_notes")


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every path, method and operation."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def problems(described: dict[str, Any], operation_id: str, example: Example) -> list[str]:
    """What no operation of that id allows about an exchange. Those of the data API have no id."""
    wanted = DATA if operation_id == "data" else (operation_id,)
    found = [o for _, _, o in operations(described) if o["operationId"] in wanted]
    each = [_problems(described, operation, example) for operation in found]
    return min(each, key=len)


def _problems(described: dict[str, Any], operation: dict[str, Any], example: Example) -> list[str]:
    response = operation["responses"].get(str(example.status))
    if response is None:
        return [f"{example.status} is not described"]
    found = []
    if example.answer is None:
        if "content" in response:
            found.append("there is no body")
    else:
        found += invalid(described, schema_of(response), example.answer)
    if example.status >= 400:
        codes = re.findall(r"`(\w+)`: ", response["description"])
        if example.answer["code"] not in codes:
            found.append(f"{example.answer['code']} is not among {codes}")
    elif example.body is not None:
        found += invalid(described, schema_of(operation["requestBody"]), example.body)
    return found


def schema_of(part: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = part["content"]["application/json"]["schema"]
    return schema


def invalid(described: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value. Members that a schema does not know are wrong, too."""
    root = {"components": strict(described["components"]), **strict(schema)}
    validator = jsonschema.Draft202012Validator(
        root, format_checker=jsonschema.FormatChecker(formats=["uuid", "email"])
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def strict(schema: Any) -> Any:
    """OpenAPI 3.0 in JSON Schema's words: ``nullable`` is a type, and objects are closed."""
    if isinstance(schema, list):
        return [strict(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    value = {key: strict(inner) for key, inner in schema.items()}
    if isinstance(value.get("properties"), dict) and "type" in value:
        value.setdefault("additionalProperties", False)
    if value.pop("nullable", False) is True:
        return {"anyOf": [value, {"type": "null"}]}
    return value
