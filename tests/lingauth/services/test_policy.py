"""Changing a backend's settings: bounds, history, undo, and who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from lingauth.core import clock
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.models import Backend, Event, PolicyVersion
from lingauth.services import backends, operators, policy
from lingauth.services.context import Actor

SYSTEM = Actor.system("tests")


@pytest.fixture
def backend(db: None) -> Backend:
    return backends.create_backend(ref="acme", name="Acme", actor=SYSTEM).backend


def change(backend: Backend, actor: Actor = SYSTEM, **changes: Any) -> PolicyVersion:
    return policy.change(backend_id=backend.pk, changes=changes, actor=actor)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("access_token_ttl", 119),
        ("access_token_ttl", 3601),
        ("refresh_reuse_grace", 61),
        ("password_min_length", 7),
        ("mfa_mode", "always"),
        ("mfa_starts_at", "tomorrow"),
        ("mfa_starts_at", "2026-12-01T09:00:00"),
        ("token_claims", ["password"]),
        ("token_claims", "email"),
        ("policy_version", 9),
        ("ref", "other"),
    ],
)
def test_what_may_not_be_changes_nothing(backend: Backend, name: str, value: Any) -> None:
    before = Backend.objects.values().get()
    with pytest.raises(ValidationFailed, match=name):
        change(backend, **{name: value})
    assert Backend.objects.values().get() == before
    assert not PolicyVersion.objects.exists()


def test_each_change_is_a_version_with_before_and_after(backend: Backend) -> None:
    change(backend, mfa_mode="required", access_token_ttl=600)
    row = PolicyVersion.objects.get()
    assert (row.version, row.actor_label) == (2, "tests")
    assert row.before == {"mfa_mode": "optional", "access_token_ttl": 300}
    assert row.after == {"mfa_mode": "required", "access_token_ttl": 600}
    assert Event.objects.get(kind="policy_changed").data["after"] == row.after


def test_undoing_puts_back_what_was_as_a_new_version(backend: Backend) -> None:
    start = clock.now() + timedelta(days=3)
    change(backend, mfa_mode="required", mfa_starts_at=start)
    change(backend, mfa_starts_at=None)
    policy.restore(backend_id=backend.pk, version=3, actor=SYSTEM)
    backend.refresh_from_db()
    assert backend.policy_version == 4
    assert backend.mfa_starts_at is not None
    assert abs(backend.mfa_starts_at - start) < timedelta(milliseconds=1)


def test_a_change_of_settings_that_moved_is_a_conflict(backend: Backend) -> None:
    change(backend, mfa_mode="observe")
    with pytest.raises(Conflict):
        policy.restore(backend_id=backend.pk, version=2, actor=SYSTEM, expected_version=1)
    with pytest.raises(NotFound):
        policy.restore(backend_id=backend.pk, version=9, actor=SYSTEM)


def test_grace_begins_once_however_often_the_switch_is_flipped(backend: Backend) -> None:
    first = clock.now().replace(microsecond=0) + timedelta(minutes=1)
    with time_machine.travel(first, tick=False) as moved:
        change(backend, mfa_mode="required", mfa_grace=86400)
        moved.shift(timedelta(hours=20))
        change(backend, mfa_mode="optional")
        change(backend, mfa_mode="required")
    backend.refresh_from_db()
    assert backend.mfa_grace_from == first


def test_turning_it_off_is_told_to_the_other_owners_and_admins(backend: Backend) -> None:
    ana, ben, vic = (
        operators.create(email=f"{name}@example.com", backend=backend, role=role).operator.user
        for name, role in (("ana", "owner"), ("ben", "admin"), ("vic", "viewer"))
    )
    change(backend, mfa_mode="required")
    assert mail.outbox == []
    change(backend, Actor.operator(ana), mfa_mode="optional")
    assert [sent.to for sent in mail.outbox] == [["ben@example.com"]]
    assert "ana@example.com turned off" in mail.outbox[0].body
    assert vic.pk != ben.pk


@pytest.mark.parametrize("ref", sorted(backends.RESERVED))
def test_no_backend_takes_an_address_of_the_console(db: None, ref: str) -> None:
    with pytest.raises(Conflict, match="address of the console"):
        backends.create_backend(ref=ref, name="Acme", actor=SYSTEM)


@pytest.mark.parametrize("ref", ["", "A", "a b", "-a", "a-", "a/b", "ä", "a" * 41, "a\n"])
def test_a_ref_is_a_short_word(db: None, ref: str) -> None:
    with pytest.raises(ValidationFailed, match="ref"):
        backends.create_backend(ref=ref, name="Acme", actor=SYSTEM)
