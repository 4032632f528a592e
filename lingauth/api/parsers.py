"""Reading JSON that strangers send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.http import QueryDict
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH = 32
_MAX_INTEGER_DIGITS = 19


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request's body is too large."


class StrictJSONParser(BaseParser):
    """UTF-8 JSON within bounds: size, depth, no member named twice, no NUL, no lone surrogate, no
    NaN, no number that a database column cannot hold."""

    media_type = "application/json"
    max_bytes = 64 * 1024

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = _read(stream, self.max_bytes)
        return loads(raw) if raw.strip() else {}


class FormParser(BaseParser):
    """A form as browsers send it, within the same bounds of size and number."""

    media_type = "application/x-www-form-urlencoded"
    max_bytes = 64 * 1024

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> QueryDict:
        return QueryDict(_read(stream, self.max_bytes))


class LargeJSONParser(StrictJSONParser):
    """The same for data, which may be longer."""

    max_bytes = 1024 * 1024


def _read(stream: IO[bytes], at_most: int) -> bytes:
    raw = stream.read(at_most + 1)
    if len(raw) > at_most:
        raise BodyTooLarge
    return raw


def loads(raw: bytes) -> Any:
    """The value in some JSON. Raises ParseError, which says what is wrong."""
    try:
        text = raw.decode("utf-8")
        brackets = text.count("[") + text.count("{")
        if brackets > MAX_DEPTH and _depth(text) > MAX_DEPTH:
            raise ParseError("The JSON is nested too deeply.")
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_bounded_int,
            parse_float=_finite_float,
        )
    except UnicodeDecodeError:
        raise ParseError("The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise ParseError("Could not parse request body as JSON") from None
    if "\\u" in text:
        _check_text(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ParseError("A member is named twice in the JSON.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ParseError(f"{name} is not JSON.")


def _bounded_int(digits: str) -> int:
    if len(digits) > _MAX_INTEGER_DIGITS:
        raise ParseError("A number is too large.")
    return int(digits)


def _finite_float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ParseError("A number is too large.")
    return value


def _depth(text: str) -> int:
    """How deep the brackets nest, not counting those inside strings. One pass, no recursion."""
    deepest = depth = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _check_text(value: Any) -> None:
    """Refuse NUL, which PostgreSQL cannot store, and lone surrogates, which UTF-8 cannot."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if "\x00" in item or any("\ud800" <= c <= "\udfff" for c in item):
                raise ParseError("A text holds a character that cannot be stored.")
        elif isinstance(item, dict):
            stack += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            stack += item
