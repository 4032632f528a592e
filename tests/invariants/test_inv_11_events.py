"""INV-11: every security event has exactly one row, and nothing changes or deletes a row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from lingauth.models import Backend, Event
from lingauth.services import (
    events,
    purge,
)
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from tests.invariants.scenes import ALONGSIDE, SCENES, Scene
from tests.support.people import CLIENT, Person

pytestmark = pytest.mark.django_db


def test_every_kind_has_its_scene() -> None:
    assert set(SCENES) == set(Kind)


@pytest.mark.parametrize(
    ("kind", "scene"),
    [(kind, scene) for kind, scenes in SCENES.items() for scene in scenes],
    ids=[f"{kind}-{n}" for kind, scenes in SCENES.items() for n, _ in enumerate(scenes)],
)
def test_it_leaves_exactly_one_row(made: NewBackend, kind: Kind, scene: Scene) -> None:
    act = scene(Backend.objects.get(pk=made.backend.pk))
    before = set(Event.objects.values_list("pk", flat=True))
    act()
    rows = Event.objects.exclude(pk__in=before)
    assert sorted(row.kind for row in rows) == sorted([kind, *ALONGSIDE.get(kind, [])])
    row = rows.get(kind=kind.value)
    refusal = any(word in kind.value for word in ("refused", "failed", "locked", "replayed"))
    assert row.result == ("refused" if refusal else "ok")


def test_a_row_says_who_and_from_where(made: NewBackend) -> None:
    person = Person.sign_up(made.backend)
    grant = person.sign_in()
    row = Event.objects.get(kind="signed_in", session_id=grant.session.pk)
    assert row.account_uuid == person.account.uuid
    assert row.backend_id == made.backend.pk
    assert (row.actor_kind, row.actor_id) == ("account", str(person.account.uuid))
    assert (row.ip, row.user_agent) == (CLIENT.ip, CLIENT.user_agent)


@pytest.fixture
def row(made: NewBackend) -> Event:
    events.record(
        Kind.SIGNED_OUT, backend_id=made.backend.pk, client=ClientInfo(), actor=Actor.anonymous()
    )
    return Event.objects.get(kind="signed_out")


def _save(row: Event) -> None:
    row.kind = "nothing"
    row.save()


TAMPERING: dict[str, Callable[[Event], object]] = {
    "save": _save,
    "save of one field": lambda row: row.save(update_fields=["kind"]),
    "a new instance with its key": lambda row: Event(pk=row.pk, kind="nothing").save(),
    "a forced update": lambda row: Event(pk=row.pk, kind="nothing").save(force_update=True),
    "update": lambda row: Event.objects.filter(pk=row.pk).update(kind="nothing"),
    "bulk_update": lambda row: Event.objects.bulk_update([row], ["kind"]),
    "update_or_create": lambda row: Event.objects.update_or_create(
        pk=row.pk, defaults={"kind": "nothing"}
    ),
    "an upsert": lambda row: Event.objects.bulk_create(
        [Event(pk=row.pk, kind="nothing")],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["kind"],
    ),
    "delete": lambda row: row.delete(),
    "delete of a set": lambda row: Event.objects.all().delete(),
    "the base manager": lambda row: Event._base_manager.all().delete(),
    "another backend's": lambda row: _other_backend().events.add(row),
    "nobody's": lambda row: row.backend.events.remove(row),  # type: ignore[union-attr]
    "a backend's": lambda row: row.backend.events.clear(),  # type: ignore[union-attr]
}


def _other_backend() -> Backend:
    return Backend.objects.create(ref="else", name="Else")


@pytest.mark.parametrize("way", TAMPERING)
def test_no_way_of_the_orm_changes_or_deletes_a_row(row: Event, way: str) -> None:
    before = Event.objects.filter(pk=row.pk).values().get()
    with pytest.raises((TypeError, ValueError, IntegrityError)), transaction.atomic():
        TAMPERING[way](row)
    assert Event.objects.filter(pk=row.pk).values().get() == before


def test_rows_outlive_the_backend_the_account_and_the_cleaning(row: Event) -> None:
    backend = row.backend
    assert backend is not None
    person = Person.sign_up(backend)
    before = list(Event.objects.values().order_by("pk"))
    person.account.user.delete()
    backend.delete()
    purge.purge()
    assert list(Event.objects.values().order_by("pk")) == before


def test_a_sign_up_that_opens_a_session_is_two_rows(made: NewBackend) -> None:
    """An account, and a sign-in."""
    before = Event.objects.count()
    Person.sign_up(made.backend)
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))[before:]
    assert kinds == ["signed_up", "signed_in"]
