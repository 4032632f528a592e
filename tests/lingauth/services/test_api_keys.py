"""API keys: several at once, replaced with an overlap, refused everywhere once they ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from lingauth.api import credentials
from lingauth.core import clock
from lingauth.core.errors import Conflict, InvalidApiKey, NotFound, ValidationFailed
from lingauth.models import ApiKey, Backend, Event
from lingauth.services import access, api_keys, backends
from lingauth.services.backends import NewBackend
from tests.support.people import ACTOR, new_backend
from tests.support.statements import counted

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def made() -> NewBackend:
    return new_backend()


@pytest.fixture
def backend(made: NewBackend) -> Backend:
    return made.backend


def row(value: str) -> ApiKey:
    return ApiKey.objects.get(digest=access.key_digest(value))


def accepted(backend: Backend, value: str) -> bool:
    return access.read(ref=backend.ref, api_key=value).key is not None


def test_several_keys_work_at_once(made: NewBackend, backend: Backend) -> None:
    more = api_keys.create(backend=backend, role="service", label=" The\nworker ", actor=ACTOR)
    assert more.value.startswith("lk_service_")
    assert (more.key.label, more.key.value) == ("The worker", "")
    assert more.key.hint == f"lk_service_…{more.value[-4:]}"
    assert all(accepted(backend, value) for value in (made.service_key, more.value))


def test_a_key_need_not_have_a_label(backend: Backend) -> None:
    with transaction.atomic():
        made = api_keys.add(backend, ApiKey.Role.ANON)
    assert row(made.value).label == ""


@pytest.mark.parametrize(("role", "label"), [("root", ""), ("", ""), ("anon", "x" * 81)])
def test_a_bad_role_or_label_makes_no_key(backend: Backend, role: str, label: str) -> None:
    with pytest.raises(ValidationFailed):
        api_keys.create(backend=backend, role=role, label=label, actor=ACTOR)
    assert ApiKey.objects.count() == 2


def test_a_replaced_key_works_until_the_overlap_is_over(made: NewBackend) -> None:
    old, backend = row(made.service_key), made.backend
    with time_machine.travel(clock.now(), tick=False) as moved:
        new = api_keys.rotate(backend=backend, key_id=old.pk, overlap=HOUR, actor=ACTOR)
        moved.shift(HOUR - timedelta(seconds=1))
        assert accepted(backend, made.service_key)
        moved.shift(1)
        assert not accepted(backend, made.service_key)
        assert accepted(backend, new.value)


def test_without_an_overlap_the_old_key_ends_at_once(made: NewBackend) -> None:
    old = row(made.anon_key)
    api_keys.rotate(backend=made.backend, key_id=old.pk, overlap=timedelta(0), actor=ACTOR)
    assert not accepted(made.backend, made.anon_key)


def test_a_key_is_replaced_once_and_keeps_its_label(backend: Backend) -> None:
    old = api_keys.create(backend=backend, role="service", label="CI", actor=ACTOR).key
    new = api_keys.rotate(backend=backend, key_id=old.pk, actor=ACTOR)
    assert (new.key.label, new.key.role) == ("CI", "service")
    with pytest.raises(Conflict):
        api_keys.rotate(backend=backend, key_id=old.pk, actor=ACTOR)
    assert ApiKey.objects.filter(label="CI").count() == 2


@pytest.mark.parametrize("overlap", [timedelta(days=91), timedelta(seconds=-1)])
def test_an_overlap_has_bounds(made: NewBackend, overlap: timedelta) -> None:
    with pytest.raises(ValidationFailed):
        api_keys.rotate(
            backend=made.backend, key_id=row(made.anon_key).pk, overlap=overlap, actor=ACTOR
        )


def test_a_revoked_key_is_refused_and_is_revoked_once(made: NewBackend) -> None:
    key = row(made.service_key)
    api_keys.revoke(backend=made.backend, key_id=key.pk, actor=ACTOR)
    assert not accepted(made.backend, made.service_key)
    with pytest.raises(NotFound):
        api_keys.revoke(backend=made.backend, key_id=key.pk, actor=ACTOR)
    assert Event.objects.filter(kind="api_key_revoked").count() == 1


def test_the_end_of_a_replaced_key_can_be_brought_forward(made: NewBackend) -> None:
    key = row(made.service_key)
    api_keys.rotate(backend=made.backend, key_id=key.pk, actor=ACTOR)
    api_keys.revoke(backend=made.backend, key_id=key.pk, actor=ACTOR)
    assert not accepted(made.backend, made.service_key)


def test_another_backends_key_cannot_be_reached(made: NewBackend) -> None:
    theirs = row(new_backend("bravo").service_key)
    for act in (api_keys.rotate, api_keys.revoke):
        with pytest.raises(NotFound):
            act(backend=made.backend, key_id=theirs.pk, actor=ACTOR)


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_a_key_that_ended_names_no_backend(
    made: NewBackend, rf: RequestFactory, ended: str
) -> None:
    """A host's own view has no ref in its address: the key alone says which backend it is."""
    request = rf.get("/", headers={"apikey": made.anon_key})
    assert credentials.identify(request, None).access.backend == made.backend
    ApiKey.objects.update(**{ended: clock.now()})
    with pytest.raises(InvalidApiKey):
        credentials.identify(request, None)
    with pytest.raises(InvalidApiKey):
        credentials.identify(request, made.backend.ref)


def test_the_anon_key_on_show_is_one_that_stays(made: NewBackend) -> None:
    backend = made.backend
    assert backends.anon_key(backend) == made.anon_key
    new = api_keys.rotate(backend=backend, key_id=row(made.anon_key).pk, actor=ACTOR)
    assert backends.anon_key(backend) == new.value
    api_keys.revoke(backend=backend, key_id=new.key.pk, actor=ACTOR)
    assert backends.anon_key(backend) == made.anon_key, "better than none, until it ends"
    ApiKey.objects.update(expires_at=clock.now())
    assert backends.anon_key(backend) is None


def use(made: NewBackend, rf: RequestFactory, key: str) -> list[str]:
    """What a request with that key sends to the database."""
    with counted() as statements:
        credentials.identify(rf.get("/", headers={"apikey": key}), made.backend.ref)
    return list(statements)


def test_a_use_is_noted_once_in_five_minutes(made: NewBackend, rf: RequestFactory) -> None:
    with time_machine.travel(clock.now(), tick=False) as moved:
        use(made, rf, made.service_key)
        first = row(made.service_key).last_used_at
        assert first == clock.now()
        assert row(made.anon_key).last_used_at is None
        moved.shift(timedelta(minutes=5) - timedelta(seconds=1))
        assert len(use(made, rf, made.service_key)) == 1, "a busy key costs nothing"
        assert row(made.service_key).last_used_at == first
        moved.shift(1)
        use(made, rf, made.service_key)
        assert row(made.service_key).last_used_at == clock.now()


def test_a_use_that_cannot_be_noted_fails_nothing(
    made: NewBackend, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        return True

    monkeypatch.setattr(type(ApiKey.objects.all()), "touch", broken)
    with transaction.atomic():  # as a host with ATOMIC_REQUESTS has it
        use(made, rf, made.anon_key)
        assert row(made.anon_key).last_used_at is None
    with pytest.raises(DatabaseError):
        broken()


def test_a_refused_key_is_not_used(made: NewBackend, rf: RequestFactory) -> None:
    api_keys.revoke(backend=made.backend, key_id=row(made.service_key).pk, actor=ACTOR)
    with pytest.raises(InvalidApiKey):
        use(made, rf, made.service_key)
    assert row(made.service_key).last_used_at is None
