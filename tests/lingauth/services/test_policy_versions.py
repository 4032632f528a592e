"""A change of settings: the version, the event, who is told, and undoing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.models import Backend, Operator, PolicyVersion
from lingauth.services import operators, policy
from lingauth.services.context import Actor, ClientInfo
from tests.lingauth.api.people import Clock
from tests.support.acts import ANN, CLIENT, event, stored, written
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"actor": ANN, "client": CLIENT}


@pytest.fixture
def backend(moved: Clock) -> Backend:
    return new_backend().backend


def change(backend: Backend, **changes: Any) -> PolicyVersion:
    return policy.change(backend_id=backend.pk, changes=changes, **BY)


def test_a_version_says_who_when_before_and_after(backend: Backend, moved: Clock) -> None:
    other = new_backend("bravo").backend
    before, others, count = stored(backend), stored(other), len(written())
    moved.shift(60)
    row = change(backend, single_session=True, mfa_starts_at="2026-12-01T10:00:00+01:00")
    starts = "2026-12-01T09:00:00Z"
    assert stored(row) == {
        "id": row.pk,
        "backend_id": backend.pk,
        "version": 2,
        "at": clock.now(),
        "actor_label": "ann@example.com",
        "before": {"single_session": False, "mfa_starts_at": None},
        "after": {"single_session": True, "mfa_starts_at": "2026-12-01T10:00:00+01:00"},
    }
    after = stored(backend)
    assert after.pop("mfa_starts_at").isoformat() == starts.replace("Z", "+00:00")
    del before["mfa_starts_at"]
    assert after == before | {"single_session": True, "policy_version": 2}
    assert stored(other) == others
    told = {"version": 2, "before": row.before, "after": row.after}
    assert written()[count:] == [event("policy_changed", backend=backend, **told)]


def test_an_actor_without_a_label_is_named_by_its_kind(backend: Backend) -> None:
    row = policy.change(
        backend_id=backend.pk, changes={"mails_per_hour": 7}, actor=Actor("anonymous")
    )
    assert row.actor_label == "anonymous"
    assert written()[-1] == event(
        "policy_changed",
        backend=backend,
        actor=Actor("anonymous"),
        client=ClientInfo(),
        version=2,
        before={"mails_per_hour": 5},
        after={"mails_per_hour": 7},
    )


def test_who_has_looked_at_older_settings_changes_nothing(backend: Backend) -> None:
    change(backend, mails_per_hour=7)
    before, events = stored(backend), written()
    for expected in (1, 3):
        with pytest.raises(Conflict) as refused:
            policy.change(
                backend_id=backend.pk,
                changes={"mails_per_hour": 8},
                expected_version=expected,
                **BY,
            )
        assert str(refused.value) == ("These settings were changed meanwhile. Look at them again.")
    assert (stored(backend), written()) == (before, events)
    row = policy.change(
        backend_id=backend.pk, changes={"mails_per_hour": 8}, expected_version=2, **BY
    )
    assert (row.version, stored(backend)["policy_version"]) == (3, 3)


def test_no_such_backend(backend: Backend) -> None:
    with pytest.raises(NotFound) as refused:
        policy.change(backend_id=backend.pk + 1, changes={"mails_per_hour": 8}, **BY)
    assert str(refused.value) == "There is no such backend."


def test_undoing(backend: Backend) -> None:
    change(backend, mails_per_hour=7, single_session=True)
    change(backend, mails_per_hour=8)
    row = policy.restore(backend_id=backend.pk, version=2, expected_version=3, **BY)
    assert (row.version, row.before, row.after) == (
        4,
        {"mails_per_hour": 8, "single_session": True},
        {"mails_per_hour": 5, "single_session": False},
    )
    told = {"version": 4, "before": row.before, "after": row.after}
    assert written()[-1] == event("policy_changed", backend=backend, **told)


def test_a_version_of_another_backend_is_none(backend: Backend) -> None:
    other = new_backend("bravo").backend
    change(other, mails_per_hour=7)
    with pytest.raises(NotFound) as refused:
        policy.restore(backend_id=backend.pk, version=2, **BY)
    assert str(refused.value) == "There is no such version."
    change(backend, mails_per_hour=7)
    with pytest.raises(Conflict):
        policy.restore(backend_id=backend.pk, version=2, expected_version=1, **BY)


def test_grace_begins_when_it_is_first_required_and_once(backend: Backend, moved: Clock) -> None:
    change(backend, mfa_mode="observe")
    assert stored(backend)["mfa_grace_from"] is None
    moved.shift(60)
    row = change(backend, mfa_mode="required")
    first = clock.now()
    assert stored(backend)["mfa_grace_from"] == first
    assert row.after == {"mfa_mode": "required"}
    moved.shift(60)
    change(backend, mfa_mode="optional")
    change(backend, mfa_mode="required")
    assert stored(backend)["mfa_grace_from"] == first


@pytest.fixture
def owner(backend: Backend) -> Any:
    return operators.create(email="own@example.com", backend=backend, role="owner").operator.user


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [("required", "optional", True), ("required", "observe", True),
     ("required", "required", False), ("optional", "required", False),
     ("observe", "optional", False)],
)  # fmt: skip
def test_owners_and_admins_are_told_when_it_is_not_required_any_more(
    backend: Backend, owner: Any, was: str, becomes: str, told: bool
) -> None:
    operators.create(email="view@example.com", backend=backend, role="viewer")
    Backend.objects.update(mfa_mode=was)
    change(backend, mfa_mode=becomes)
    assert [letter.to for letter in mail.outbox] == ([["own@example.com"]] if told else [])
    if told:
        body = mail.outbox[0].body
        assert "ann@example.com turned off" in body
        assert "/backends/acme/authentication" in body


def test_whoever_does_it_is_not_told(backend: Backend, owner: Any) -> None:
    Backend.objects.update(mfa_mode="required")
    change(backend, mails_per_hour=7)
    policy.change(
        backend_id=backend.pk, changes={"mfa_mode": "optional"}, actor=Actor.operator(owner)
    )
    assert mail.outbox == []
    assert Operator.objects.count() == 1


def test_nothing_is_told_of_what_did_not_happen(backend: Backend, owner: Any) -> None:
    Backend.objects.update(mfa_mode="required")
    with pytest.raises(Conflict):
        policy.change(
            backend_id=backend.pk, changes={"mfa_mode": "optional"}, expected_version=9, **BY
        )
    with pytest.raises(ValidationFailed):
        change(backend, mfa_mode="optional", mails_per_hour=0)
    assert mail.outbox == []


def test_it_commits_by_itself(backend: Backend) -> None:
    change(backend, mails_per_hour=7)
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            change(backend, mails_per_hour=8)
        with pytest.raises(RuntimeError):
            policy.restore(backend_id=backend.pk, version=2, **BY)


def test_times_are_written_down_to_the_millisecond(backend: Backend) -> None:
    """ECMA-262, 21.4.1.32: as JSON has them elsewhere."""
    at = clock.now().replace(microsecond=123456) + timedelta(days=1)
    row = change(backend, mfa_starts_at=at)
    assert row.after == {"mfa_starts_at": at.strftime("%Y-%m-%dT%H:%M:%S.123Z")}
    assert stored(backend)["mfa_starts_at"] == at
