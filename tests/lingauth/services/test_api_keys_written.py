"""API keys: each row as it is written, and each event."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.models import ApiKey, Backend
from lingauth.models.api_key import ApiKeyQuerySet
from lingauth.services import api_keys
from lingauth.services.context import ClientInfo
from tests.lingauth.api.people import Clock
from tests.support.acts import ANN, CLIENT, event, stored, written
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"actor": ANN, "client": CLIENT}
MISSING = "This backend has no such API key, or not any more."


@pytest.fixture
def backend(moved: Clock) -> Backend:
    return new_backend().backend


@pytest.mark.parametrize("role", ["anon", "service"])
def test_a_new_key(backend: Backend, role: str) -> None:
    """A service key is stored as a digest only; ``hint`` is its kind and its last four."""
    made = api_keys.create(backend=backend, role=role, label="\tThe \x00 worker\n", **BY)
    assert made.value.startswith(f"lk_{role}_")
    assert len(made.value) == len(f"lk_{role}_") + 43, "32 random bytes in base64 (RFC 4648)"
    assert made.old_works_until is None
    assert stored(made.key) == {
        "id": made.key.pk,
        "backend_id": backend.pk,
        "role": role,
        "digest": sha256(made.value.encode()).hexdigest(),
        "value": made.value if role == "anon" else "",
        "hint": f"lk_{role}_…{made.value[-4:]}",
        "label": "The worker",
        "created_at": clock.now(),
        "last_used_at": None,
        "expires_at": None,
        "revoked_at": None,
    }
    told: dict[str, Any] = {
        "key": made.key.hint,
        "key_id": made.key.pk,
        "role": role,
        "label": "The worker",
    }
    assert written()[1:] == [event("api_key_created", backend=backend, **told)]


def test_without_a_label_it_has_none(backend: Backend) -> None:
    assert api_keys.create(backend=backend, role="anon", actor=ANN).key.label == ""
    assert written()[-1]["ip"] is None


def test_a_label_has_eighty_characters(backend: Backend) -> None:
    longest = 80 * "x"
    assert api_keys.create(backend=backend, role="anon", label=longest, **BY).key.label == longest
    with pytest.raises(ValidationFailed) as refused:
        api_keys.create(backend=backend, role="anon", label=longest + "x", **BY)
    assert str(refused.value) == "A label has at most 80 characters."


def test_there_are_two_roles(backend: Backend) -> None:
    with pytest.raises(ValidationFailed) as refused:
        api_keys.create(backend=backend, role="root", **BY)
    assert str(refused.value) == "A key's role is anon or service."
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("overlap", [None, timedelta(0), timedelta(days=90)])
def test_a_successor(backend: Backend, moved: Clock, overlap: timedelta | None) -> None:
    """The old one ends when told to, in a day unless told otherwise."""
    old = api_keys.create(backend=backend, role="service", label="CI", **BY).key
    before = stored(old)
    moved.shift(60)
    more: dict[str, Any] = {} if overlap is None else {"overlap": overlap}
    made = api_keys.rotate(backend=backend, key_id=old.pk, **more, **BY)
    ends = clock.now() + (timedelta(hours=24) if overlap is None else overlap)
    assert made.old_works_until == ends
    assert stored(old) == before | {"expires_at": ends}
    new = stored(made.key)
    assert (new["role"], new["label"], new["created_at"]) == ("service", "CI", clock.now())
    assert (new["expires_at"], new["backend_id"]) == (None, backend.pk)
    assert new["digest"] == sha256(made.value.encode()).hexdigest()
    assert written()[-1] == event(
        "api_key_created",
        backend=backend,
        key=made.key.hint,
        key_id=made.key.pk,
        role="service",
        label="CI",
        replaces=old.hint,
        replaced_id=old.pk,
        ends_at=ends.isoformat(),
    )


@pytest.mark.parametrize(
    "overlap", [timedelta(microseconds=-1), timedelta(days=90, microseconds=1)]
)
def test_an_overlap_that_cannot_be(backend: Backend, overlap: timedelta) -> None:
    key = ApiKey.objects.first()
    assert key is not None
    with pytest.raises(ValidationFailed) as refused:
        api_keys.rotate(backend=backend, key_id=key.pk, overlap=overlap, **BY)
    assert str(refused.value) == "The overlap is at most 90 days."
    assert (stored(key)["expires_at"], ApiKey.objects.count()) == (None, 2)


def test_a_key_has_one_successor(backend: Backend) -> None:
    key = ApiKey.objects.earliest("pk")
    api_keys.rotate(backend=backend, key_id=key.pk, **BY)
    before = written()
    with pytest.raises(Conflict) as refused:
        api_keys.rotate(backend=backend, key_id=key.pk, overlap=timedelta(days=2), **BY)
    assert str(refused.value) == "This key was replaced already."
    assert stored(key)["expires_at"] == clock.now() + timedelta(days=1)
    assert (written(), ApiKey.objects.count()) == (before, 3)


def test_a_revoked_key(backend: Backend, moved: Clock) -> None:
    made = api_keys.create(backend=backend, role="service", label="CI", **BY)
    before = stored(made.key)
    moved.shift(60)
    assert api_keys.revoke(backend=backend, key_id=made.key.pk, **BY).revoked_at == clock.now()
    assert stored(made.key) == before | {"revoked_at": clock.now()}
    told: dict[str, Any] = {
        "key": made.key.hint,
        "key_id": made.key.pk,
        "role": "service",
        "label": "CI",
    }
    assert written()[-1] == event("api_key_revoked", backend=backend, **told)
    events = written()
    for act in (api_keys.revoke, api_keys.rotate):
        with pytest.raises(NotFound) as refused:
            act(backend=backend, key_id=made.key.pk, **BY)
        assert str(refused.value) == MISSING
    assert written() == events


def test_whoever_is_second_to_revoke_finds_no_such_key(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ApiKey.objects.earliest("pk")
    before = written()
    monkeypatch.setattr(ApiKeyQuerySet, "revoke", lambda *_, **__: False)
    with pytest.raises(NotFound) as refused:
        api_keys.revoke(backend=backend, key_id=key.pk, **BY)
    assert (str(refused.value), written()) == (MISSING, before)


def test_without_a_client_none_is_written_down(backend: Backend) -> None:
    for key in list(ApiKey.objects.all()):
        api_keys.rotate(backend=backend, key_id=key.pk, actor=ANN)
        api_keys.revoke(backend=backend, key_id=key.pk, actor=ANN)
    nowhere = event("", backend=backend, client=ClientInfo())
    assert [row | {"kind": "", "data": {}} for row in written()[1:]] == 4 * [nowhere]


def test_a_list_has_those_that_ended_too_the_newest_first(backend: Backend, moved: Clock) -> None:
    new_backend("bravo")
    anon, service = ApiKey.objects.filter(backend=backend).order_by("pk")
    moved.shift(-60)
    older = api_keys.create(backend=backend, role="anon", **BY).key
    moved.shift(120)
    newer = api_keys.create(backend=backend, role="anon", **BY).key
    api_keys.revoke(backend=backend, key_id=newer.pk, **BY)
    assert api_keys.list_all(backend=backend) == [newer, service, anon, older]


def test_a_key_is_got_while_it_is_accepted(backend: Backend, moved: Clock) -> None:
    key = ApiKey.objects.earliest("pk")
    ApiKey.objects.update(expires_at=clock.now() + timedelta(seconds=1))
    assert api_keys.get(backend=backend, key_id=key.pk) == key
    foreign = new_backend("bravo").backend
    for whose, number in ((foreign, key.pk), (backend, 0)):
        with pytest.raises(NotFound) as refused:
            api_keys.get(backend=whose, key_id=number)
        assert str(refused.value) == MISSING
    moved.shift(1)
    with pytest.raises(NotFound):
        api_keys.get(backend=backend, key_id=key.pk)


def test_the_key_on_show_is_the_newest_that_stays(backend: Backend, moved: Clock) -> None:
    """Of those made at the same moment the later one; never a service key, never another's."""
    new_backend("bravo")
    twins = [api_keys.create(backend=backend, role="anon", **BY) for _ in range(2)]
    assert api_keys.anon_key(backend) == twins[1].value
    moved.shift(60)
    api_keys.create(backend=backend, role="service", **BY)
    assert api_keys.anon_key(backend) == twins[1].value
    newest = api_keys.create(backend=backend, role="anon", **BY)
    assert api_keys.anon_key(backend) == newest.value
    ApiKey.objects.filter(pk=newest.key.pk).update(expires_at=clock.now() + timedelta(days=1))
    assert api_keys.anon_key(backend) == twins[1].value
    foreign = api_keys.create(backend=Backend.objects.get(ref="bravo"), role="anon", **BY)
    assert api_keys.anon_key(backend) == twins[1].value != foreign.value
    moved.shift(-120)
    older = api_keys.create(backend=backend, role="anon", **BY)
    moved.shift(120)
    assert api_keys.anon_key(backend) == twins[1].value != older.value


def test_it_commits_by_itself(backend: Backend) -> None:
    """What is told to have happened is not taken back by whoever called."""
    key = ApiKey.objects.earliest("pk")
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            api_keys.create(backend=backend, role="anon", **BY)
        with pytest.raises(RuntimeError):
            api_keys.rotate(backend=backend, key_id=key.pk, **BY)
        with pytest.raises(RuntimeError):
            api_keys.revoke(backend=backend, key_id=key.pk, **BY)
