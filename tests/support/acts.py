"""Events of operators, servers and commands: whole, so that nothing in one is unasked for."""

from __future__ import annotations

from typing import Any

from django.db import models

from lingauth.models import Account, Backend, Event
from lingauth.services.context import Actor, ClientInfo

CLIENT = ClientInfo(ip="192.0.2.7", user_agent="tests", request_id="request-1")
ANN = Actor("operator", "17", "ann@example.com")
SERVER = Actor("service", "lk_service_…abcd", "worker")


def written() -> list[dict[str, Any]]:
    """All events, the oldest first, without their numbers and times."""
    rows = Event.objects.order_by("pk").values()
    return [{n: value for n, value in row.items() if n not in ("id", "at")} for row in rows]


def event(
    kind: str,
    *,
    backend: Backend | None = None,
    actor: Actor = ANN,
    client: ClientInfo = CLIENT,
    account: Account | None = None,
    result: str = "ok",
    **data: Any,
) -> dict[str, Any]:
    """What is to be in one."""
    return {
        "backend_id": backend.pk if backend else None,
        "kind": kind,
        "result": result,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "account_uuid": account.uuid if account else None,
        "session_id": None,
        "request_id": client.request_id,
        "ip": client.ip,
        "user_agent": client.user_agent,
        "data": data,
    }


def stored(row: models.Model) -> dict[str, Any]:
    """The row as it is in the database now."""
    return type(row)._default_manager.filter(pk=row.pk).values().get()
