"""The page ``docs/compatibility.md``, drawn from the contract's calls and the API's addresses.

``make docs`` writes it; a test holds the file to what this draws, and the answers to the file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.urls import Resolver404, URLPattern, resolve

from lingauth.api import urls
from lingauth.api.base import UnknownRoute
from tests.tooling.contract_calls import CALLS, SECTIONS, Call

PAGE = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
SOME_ID = "7d0ad6a3-8a0f-4f5c-9b44-3f1f2c2d0b11"
METHODS = ("get", "post", "put", "patch", "delete")
INTRODUCTION = """\
# Compatibility

<!-- Written by `make docs`. Change tests/tooling/contract_calls.py instead. -->

A backend speaks the protocol of the published clients `@supabase/auth-js` and `supabase-auth` at
`/b/<ref>/auth/v1`. This is every call of it: answered as the contract says, or refused with the
error that the contract has for what a server does not offer. A test compares this page with the
addresses of the API, and makes each of the calls that are refused.

Every answer with an error has the body `{"code", "message"}` and the header
`X-Supabase-Api-Version`, by which all of these clients find the code.
"""
BEYOND = """\
## Beyond the contract

These calls are not in it, and the published clients do not make them.

| method | path |
|---|---|
"""


def resolved(method: str, path: str) -> bool:
    """Whether a view of the API answers this method at this address."""
    try:
        view = resolve(f"/b/some/auth/v1{with_ids(path).partition('?')[0]}").func
    except Resolver404:
        return False
    kind: Any = getattr(view, "view_class", None)
    return kind is not UnknownRoute and hasattr(kind, method.lower())


def with_ids(path: str) -> str:
    """The path with an id that nobody has in place of each that it takes."""
    return re.sub(r"\{\w+\}", SOME_ID, path)


def rendered() -> str:
    """The page's text."""
    parts = [INTRODUCTION]
    for title, calls in SECTIONS.items():
        parts.append(
            f"## {title}\n\n| method | path | | client | answered |\n|---|---|---|---|---|"
        )
        parts[-1] += "".join(f"\n{_row(call)}" for call in calls) + "\n"
    parts.append(BEYOND + "\n".join(f"| {method} | `{path}` |" for method, path in beyond()) + "\n")
    return "\n".join(parts)


def beyond() -> list[tuple[str, str]]:
    """The methods and paths of the API that are in none of the contract's rows."""
    known = {(call.method, _plain(call.path)) for call in CALLS}
    found = []
    for pattern in urls.urlpatterns:
        view: Any = getattr(pattern.callback, "view_class", None)
        if not isinstance(pattern, URLPattern) or view is None or view is UnknownRoute:
            continue
        path = "/" + str(pattern.pattern).replace("<uuid:", "{").replace("<str:", "{")
        for method in METHODS:
            if hasattr(view, method) and (method.upper(), _plain(path)) not in known:
                found.append((method.upper(), path.replace(">", "}")))
    return found


def _plain(path: str) -> str:
    return path.partition("?")[0].replace(">", "}")


def _row(call: Call) -> str:
    client = f"`{call.client}`" if call.client else ""
    return f"| {call.method} | `{call.path}` | {call.what} | {client} | {_answer(call)} |"


def _answer(call: Call) -> str:
    if call.refused is not None:
        status, code = call.refused
        return f"no: {status} `{code}`"
    if not resolved(call.method, call.path):
        return "no: 404 `not_found`"
    return f"yes. {call.note}" if call.note else "yes"
