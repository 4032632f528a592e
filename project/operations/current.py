"""The request that this thread serves, for its log lines.

Logging is set up before there are any models, so nothing here needs one.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest

from lingauth.services import traces


@dataclass(frozen=True, slots=True)
class Current:
    """A request and its id."""

    request: HttpRequest
    request_id: str


current: ContextVar[Current | None] = ContextVar("current", default=None)


def known() -> dict[str, str]:
    """The ids of the request, its account and its session, as far as they are known by now."""
    now = current.get()
    if now is None:
        return {}
    about = traces.about(now.request)
    ids = {
        "request_id": now.request_id,
        "account_id": about.account_uuid,
        "session_id": about.session_id,
    }
    return {name: str(value) for name, value in ids.items() if value}
