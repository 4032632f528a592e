"""A history, and doing to it what its triggers refuse, as the owner of the database could."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from lingauth.models import Event
from lingauth.services import events
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.history import checking, sealing
from lingauth.services.history.chains import Anchor

TABLES = ("lingauth_event", "lingauth_historyseal")


def happen(backend_id: int | None, times: int = 1) -> list[int]:
    """Events of a backend; their ids."""
    before = Event.objects.count()
    for number in range(times):
        events.record(
            Kind.SIGNED_OUT,
            backend_id=backend_id,
            client=ClientInfo(ip="2001:db8::7", user_agent="Ä"),
            actor=Actor.anonymous(),
            data={"b": number, "a": ["ü", None, True]},
        )
    return list(Event.objects.order_by("pk").values_list("pk", flat=True)[before:])


def seal() -> list[Anchor]:
    """Seal what is not sealed yet; the new heads."""
    return list(sealing.seal())


def sentences(*anchors: Anchor) -> list[str]:
    """What is wrong with the history."""
    report = checking.check(anchors=anchors)
    assert report.whole == (not report.sentences())
    return report.sentences()


@contextmanager
def tampering() -> Iterator[None]:
    """The triggers of both tables are away meanwhile."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            return
        cursor.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN {TABLES}"
        )
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, statement in triggers:
            cursor.execute(statement)


def forge(statement: str, *values: Any) -> None:
    """One statement past the models and the triggers. It has to reach a row."""
    with tampering(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount, "Nothing was forged."


def forget_seals() -> None:
    """Take the seals away, for a test whose database is emptied afterwards and not rolled back."""
    with tampering(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM lingauth_historyseal")
