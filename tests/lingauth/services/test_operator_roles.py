"""Giving a role: who is made, what a reset takes away, and what is written down."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from lingauth.core import clock, guesses
from lingauth.core.errors import ValidationFailed
from lingauth.models import Backend, GuessLimit, Operator, Session, TotpFactor
from lingauth.services import events, limits, operator_factors, operators
from lingauth.services.context import Actor, ClientInfo
from tests.lingauth.api.people import Clock
from tests.support.acts import ANN, event, written
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db

BEN = "Ben@Example.com"
PASSWORD = "a horse of another colour"
NOWHERE = ClientInfo()
Users: Any = get_user_model()._default_manager


@pytest.fixture
def backend(moved: Clock) -> Backend:
    return new_backend().backend


def give(backend: Backend, **more: Any) -> operators.NewOperator:
    given: dict[str, Any] = {"email": BEN, "backend": backend, "role": "admin"}
    return operators.create(**given | more)


def test_somebody_new_gets_a_user_and_a_password_that_is_shown_once(backend: Backend) -> None:
    made = give(backend, actor=ANN)
    user = Users.get()
    assert (user.username, user.email) == (BEN, BEN)
    assert made.password is not None
    assert len(made.password) == 16, "twelve random bytes in base64"
    assert user.check_password(made.password)
    row = made.operator
    assert (row.user_id, row.backend_id, row.role) == (user.pk, backend.pk, "admin")
    assert Operator.objects.values_list("user", "backend", "role").get() == (
        user.pk, backend.pk, "admin",
    )  # fmt: skip
    assert written()[1:] == [
        event(
            "operator_added", backend=backend, client=NOWHERE, role="admin", operator=str(user.pk)
        )
    ]


def test_a_password_that_is_given_is_not_told_back(backend: Backend) -> None:
    """NIST SP 800-63B-4, 3.1.1.2: it is normalised, so that every keyboard writes the same."""
    assert give(backend, password="Ame\u0301lie's horse").password is None
    assert Users.get().check_password("Am\u00e9lie's horse")


def test_without_a_name_it_is_the_command_line_that_acts(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = give(backend).operator.user
    line = Actor("system", "", "command line")
    told: dict[str, Any] = {"role": "admin", "operator": str(user.pk)}
    assert written()[-1] == event(
        "operator_added", backend=backend, client=NOWHERE, actor=line, **told
    )
    heard: list[Actor] = []
    monkeypatch.setattr(events, "record", lambda _, **told: heard.append(told["actor"]))
    give(backend, role="owner", reset=True)
    assert heard == [line, line]


def test_a_second_role_replaces_the_first_and_leaves_the_password(backend: Backend) -> None:
    other = new_backend("bravo").backend
    give(other, role="viewer")
    first = give(backend, role="viewer", password=PASSWORD).operator
    again = give(backend, role="owner", password="not this one")
    assert (again.password, again.operator.pk) == (None, first.pk)
    assert give(backend, role="owner").password is None
    user = Users.get()
    assert [operators.role_on(user, of) for of in (backend, other)] == ["owner", "viewer"]
    assert not user.check_password("not this one")
    kinds = [row["kind"] for row in written()]
    assert kinds.count("operator_added") == 4
    assert "operator_password_reset" not in kinds


def test_a_reset_opens_all_that_was_locked_and_keeps_nothing_of_before(
    backend: Backend, moved: Clock
) -> None:
    person = Person.sign_up(backend, "ann@example.com").enrol("Phone")
    user = give(backend).operator.user
    type(person.account).objects.update(user=user)
    TotpFactor.objects.update(user=user)
    other = give(backend, email="dan@example.com").operator.user
    for who in (user, other):
        operator_factors.enroll(who)
    GuessLimit.objects.all().delete()
    for rule, subject in (
        (guesses.PASSWORD, "ben@example.com"),
        (guesses.TOTP, f"user {user.pk}"),
        (guesses.PASSWORD, "dan@example.com"),
    ):
        limits.claim(rule, subject=subject, backend=None, account=None, now=clock.now())
    GuessLimit.objects.update(failures=20, locked_until=clock.now())
    moved.shift(60)

    made = give(backend, reset=True, actor=ANN)

    assert made.password is not None
    user.refresh_from_db()
    assert user.check_password(made.password)
    left = TotpFactor.objects.values_list("user", "account")
    assert set(left) == {(user.pk, person.account.pk), (other.pk, None)}, "of an account, of others"
    key = limits.key_of(guesses.PASSWORD, "dan@example.com", None)
    counted = GuessLimit.objects.exclude(key=key).values_list("failures", "locked_until")
    assert list(counted) == [(0, None), (0, None)]
    assert {row.updated_at for row in GuessLimit.objects.exclude(key=key)} == {clock.now()}
    assert GuessLimit.objects.get(key=key).failures == 20
    session = Session.objects.get()
    assert (session.ended_at, session.end_reason) == (clock.now(), "password_changed")
    person.account.refresh_from_db()
    assert person.account.password_changed_at == clock.now()
    assert written()[-2:] == [
        event("operator_password_reset", client=NOWHERE),
        event(
            "operator_added", backend=backend, client=NOWHERE, role="admin", operator=str(user.pk)
        ),
    ]


def test_a_reset_ends_nobody_elses_sessions(backend: Backend) -> None:
    person = Person.sign_up(backend)
    give(backend)
    give(backend, reset=True)
    assert (person.session.ended_at, person.me().account.password_changed_at) == (None, None)


def test_a_reset_writes_the_password_and_nothing_else_of_the_user(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the host changes meanwhile is not put back."""
    stale = give(backend).operator.user
    Users.update(first_name="Ben")
    monkeypatch.setattr(operators, "find_user", lambda _: stale)
    made = give(backend, reset=True)
    assert Users.get().first_name == "Ben"
    assert Users.get().check_password(made.password)


def test_a_reset_to_a_given_password(backend: Backend) -> None:
    give(backend)
    made = give(backend, reset=True, password="Ame\u0301lie's horse")
    assert made.password is None
    assert Users.get().check_password("Am\u00e9lie's horse")


@pytest.mark.parametrize("role", ["king", "", "Owner"])
def test_there_are_three_roles(backend: Backend, role: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        give(backend, role=role)
    assert str(refused.value) == "A role is one of: owner, admin, viewer."
    assert not Users.exists()


def test_what_is_no_address_is_nobody(backend: Backend) -> None:
    with pytest.raises(ValidationFailed):
        give(backend, email="ben")
    assert not Users.exists()


def test_a_user_is_found_by_the_address_however_it_is_written(backend: Backend) -> None:
    user = give(backend).operator.user
    assert operators.find_user("bEN@example.COM") == user
    assert operators.find_user("be@example.com") is None
    with pytest.raises(ValidationFailed):
        operators.find_user("ben")


def test_what_an_operator_may_see_is_listed_by_name(backend: Backend) -> None:
    names = {"charlie": "Acme", "bravo": "Zulu", "alpha": "Mike", "aaa": "Acme"}
    for ref, name in names.items():
        new_backend(ref)
        Backend.objects.filter(ref=ref).update(name=name)
    rows = {ref: Backend.objects.get(ref=ref) for ref in ("acme", *names)}
    for ref, role in (
        ("charlie", "viewer"),
        ("acme", "owner"),
        ("bravo", "admin"),
        ("aaa", "owner"),
    ):
        give(rows[ref], role=role)
    user = Users.get()
    assert operators.backends_of(user) == [
        (rows["aaa"], "owner"), (rows["acme"], "owner"), (rows["charlie"], "viewer"),
        (rows["bravo"], "admin"),
    ]  # fmt: skip
    assert operators.role_on(user, rows["alpha"]) is None
    stranger = Users.create(username="x")
    assert (operators.backends_of(stranger), operators.role_on(stranger, backend)) == ([], None)


def test_the_list_is_one_statement(backend: Backend, django_assert_num_queries: Any) -> None:
    user = give(backend).operator.user
    with django_assert_num_queries(1):
        assert [found.name for found, _ in operators.backends_of(user)] == ["Acme"]


def test_it_commits_by_itself(backend: Backend) -> None:
    """What is told to have happened is not taken back by whoever called."""
    with transaction.atomic(), pytest.raises(RuntimeError):
        give(backend)
