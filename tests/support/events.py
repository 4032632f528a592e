"""Events as a test reads them: whole, so that nothing in one is unasked for."""

from __future__ import annotations

from typing import Any

from lingauth.models import Event
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo

CLIENT = ClientInfo(ip="192.0.2.7", user_agent="tests", request_id="request-1")


def last() -> dict[str, Any]:
    """The newest one, without its number and its time."""
    row = Event.objects.order_by("pk").values().last()
    assert row is not None
    return {name: value for name, value in row.items() if name not in ("id", "at")}


def by(me: SignedIn, kind: str, result: str = "ok", **data: Any) -> dict[str, Any]:
    """What is to be in one of the account of ``me``, of an act of its session from ``CLIENT``."""
    return {
        "backend_id": me.backend.pk,
        "kind": kind,
        "result": result,
        "actor_kind": "account",
        "actor_id": str(me.account.uuid),
        "account_uuid": me.account.uuid,
        "session_id": me.session.pk,
        "request_id": "request-1",
        "ip": "192.0.2.7",
        "user_agent": "tests",
        "data": data,
    }
