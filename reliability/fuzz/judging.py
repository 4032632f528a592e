"""What every answer has to be, whatever was asked: and where it is not, said in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import requests
from schemathesis import Case
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response

from reliability.fuzz.sent import Answer, Sent

_SHORT: Any = [not_a_server_error, status_code_conformance]
_CHECKS: Any = [
    *_SHORT,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_INSIDES = re.compile(
    rb"Traceback|File \\?\"|site-packages|/lib/python|\.py\b|django|rest_framework|psycopg|sqlite"
    rb"|SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|lingauth_\w+|auth_user|Error\(|Exception",
    re.IGNORECASE,
)
"""What tells of our insides: a stack, SQL, a file, a library, a table."""
_PRIVATE = re.compile(r"/b/acme/auth/v1/(?!\.well-known/|settings|health)")
_REQUEST = requests.Request("GET", "http://testserver/").prepare()


def described(case: Case[Any], answer: Answer) -> list[str]:
    """Where an answer is none that the description promises for this call."""
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name.lower(), []).append(value)
    response = Response(answer.status, headers, answer.body, _REQUEST, 0.0, False)
    # ``Prefer`` decides whether there is a body, which OpenAPI has no words for.
    bare = answer.status == 201 and not answer.body
    try:
        case.validate_response(response, checks=_SHORT if bare else _CHECKS)
    except FailureGroup as failures:
        first = [(f.title, f.message.partition("\n")[0]) for f in failures.exceptions]
        return [f"{title}: {line[:300]}" for title, line in first]
    return []


def general(sent: Sent, answer: Answer) -> Iterator[str]:
    """What holds for every answer, described or not."""
    if answer.status >= 500:  # 503 as well: here nothing is ever busy
        yield f"{answer.status}: a failure of the server"
    if not answer.header("X-Request-Id"):
        yield "X-Request-Id is missing"
    if answer.header("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options is missing"
    challenge = answer.header("WWW-Authenticate") or ""
    anonymous = not (sent.header("Authorization") or sent.header("apikey"))
    if answer.status == 401 and not challenge.startswith("Bearer"):
        yield "WWW-Authenticate is missing"
    if answer.status == 401 and anonymous and "error=" in challenge:
        yield "an error is told to who sent no credentials"
    if answer.status == 429 and not (answer.header("Retry-After") or "").isdecimal():
        yield "Retry-After is missing"
    if answer.status == 405 and not answer.header("Allow"):
        yield "Allow is missing"
    if answer.status >= 400:
        yield from _refusal(sent, answer)
    elif _is_private(sent) and answer.header("Cache-Control") != "no-store":
        yield "Cache-Control is not no-store"


def _is_private(sent: Sent) -> bool:
    """Whether the answer is about somebody, or may be."""
    return sent.method != "OPTIONS" and _PRIVATE.match(sent.path) is not None


def _refusal(sent: Sent, answer: Answer) -> Iterator[str]:
    if (found := _INSIDES.search(answer.body)) and found[0].lower() not in sent.text().lower():
        yield f"our insides are told: {found[0].decode(errors='replace')!r}"
    if sent.method == "HEAD":
        return
    kind = (answer.header("Content-Type") or "").partition(";")[0]
    if kind == "application/json" or _is_api(sent):
        yield from _error_body(answer)
    elif kind != "text/html":
        yield f"a refusal of type {kind}"
    if _is_api(sent) and answer.header("Cache-Control") != "no-store":
        yield "Cache-Control is not no-store at a refusal"


def _is_api(sent: Sent) -> bool:
    return sent.path.startswith(("/b/acme/auth/v1/", "/b/acme/rest/v1/"))


def _error_body(answer: Answer) -> Iterator[str]:
    try:
        body = json.loads(answer.body)
    except ValueError:
        yield "a refusal without the one error body"
        return
    if not isinstance(body, dict) or not all(
        isinstance(body.get(name), str) and body[name] for name in ("code", "message")
    ):
        yield "a refusal without code and message"
