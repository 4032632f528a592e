"""A refresh token has at most one child (INV-3); a lost answer is given again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest

from lingauth.core.errors import RefreshRefused
from lingauth.models import Backend, Event, Session
from lingauth.services import access, recovery, sessions, verification
from lingauth.services.access import Access
from lingauth.services.grants import Grant
from tests.concurrency.together import codes, together
from tests.support.people import CLIENT, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16


def reader(ref: str) -> Callable[[UUID], Access]:
    return lambda session_id: access.read(ref=ref, session_id=session_id)


def refresh(person: Person, token: str, key: str | None) -> Grant:
    return sessions.refresh(
        read=reader(person.ref), token=token, idempotency_key=key, client=CLIENT
    )


@pytest.mark.parametrize("keyed", [True, False], ids=["different keys", "no key"])
def test_sixteen_uses_of_one_token_leave_at_most_one_child_and_a_dead_family(
    backend: Backend, keyed: bool
) -> None:
    for _ in range(6):
        person = Person.sign_up(backend)
        token = person.grant.refresh_token
        outcomes = together(
            [partial(refresh, person, token, f"key {n}" if keyed else None) for n in range(THREADS)]
        )
        children = {o.value.refresh_token for o in outcomes if o.refusal is None}
        assert len(children) <= 1, codes(outcomes)
        assert codes(outcomes).get("ok", 0) <= 1, codes(outcomes)
        assert set(codes(outcomes)) <= {
            "ok",
            "refresh_token_already_used",
            "refresh_token_not_found",
        }
        row = Session.objects.get(pk=person.grant.session.pk)
        assert (row.end_reason, row.generation) == ("refresh_replayed", 2)
        events = Event.objects.filter(kind="refresh_replayed", session_id=row.pk)
        assert events.count() == 1
        for child in children:
            with pytest.raises(RefreshRefused):
                refresh(person, child, None)


def test_sixteen_uses_with_one_key_get_the_same_child_byte_for_byte(backend: Backend) -> None:
    for _ in range(6):
        person = Person.sign_up(backend)
        token = person.grant.refresh_token
        outcomes = together([partial(refresh, person, token, "one key")] * THREADS)
        assert codes(outcomes) == {"ok": THREADS}
        children = {o.value.refresh_token for o in outcomes}
        assert len(children) == 1
        row = Session.objects.get(pk=person.grant.session.pk)
        assert (row.generation, row.ended_at) == (2, None)
        assert refresh(person, children.pop(), None).session.generation == 3


def test_a_thief_among_honest_retries_never_gets_a_second_child(backend: Backend) -> None:
    """Fifteen tabs with the client's key, one thief without it: one child or none, never two."""
    for _ in range(6):
        person = Person.sign_up(backend)
        token = person.grant.refresh_token
        keys = ["tabs' key"] * (THREADS - 1) + [None]
        outcomes = together([partial(refresh, person, token, key) for key in keys])
        children = {o.value.refresh_token for o in outcomes if o.refusal is None}
        assert len(children) <= 1
        assert Session.objects.get(pk=person.grant.session.pk).generation == 2
        thief = outcomes[-1]
        if thief.refusal is None or thief.code == "refresh_token_already_used":
            assert Session.objects.get(pk=person.grant.session.pk).ended_at is not None


def test_a_chain_of_refreshes_by_racing_tabs_never_forks(backend: Backend) -> None:
    person = Person.sign_up(backend)
    token = person.grant.refresh_token
    for generation in range(2, 10):
        outcomes = together([partial(refresh, person, token, token[-20:])] * 8)
        children = {o.value.refresh_token for o in outcomes}
        assert len(children) == 1
        token = children.pop()
        assert person.session.generation == generation


def test_a_refresh_that_races_a_verification_costs_nobody_the_session(backend: Backend) -> None:
    """Whichever is first, the verification's pair works and the session is at ``aal2``."""
    seen = set()
    for _ in range(10):
        person = Person.sign_up(backend).enrol()
        grant = person.sign_in()
        me = person.me(grant.session)
        verified, refreshed = together(
            [
                partial(verification.verify_any, me=me, code=person.code(), client=CLIENT),
                partial(refresh, person, grant.refresh_token, "the app's key"),
            ]
        )
        seen.add(refreshed.code)
        assert verified.refusal is None
        assert refreshed.code in {"ok", "refresh_token_not_found"}
        row = Session.objects.get(pk=grant.session.pk)
        assert row.ended_at is None
        assert row.verified_at is not None
        if refreshed.refusal is None:
            assert refreshed.value.refresh_token != verified.value.refresh_token
        newest = refresh(person, verified.value.refresh_token, None)
        assert newest.session.level(row.verified_at).value == "aal2"
    assert seen


def test_a_refresh_that_races_a_sign_out_is_dead_afterwards(backend: Backend) -> None:
    for _ in range(8):
        person = Person.sign_up(backend)
        me = person.me()
        out, refreshed = together(
            [
                partial(sessions.sign_out, me=me, scope="local", client=CLIENT),
                partial(refresh, person, person.grant.refresh_token, "key"),
            ]
        )
        assert out.refusal is None
        token = refreshed.value.refresh_token if refreshed.refusal is None else ""
        for dead in (token, person.grant.refresh_token):
            with pytest.raises(RefreshRefused):
                refresh(person, dead, "key")


def test_a_verification_that_races_a_sign_out_never_opens_the_session_again(
    backend: Backend,
) -> None:
    for _ in range(8):
        person = Person.sign_up(backend).enrol().make_codes()
        session = person.another_session()
        me = person.me(session)
        together(
            [
                partial(sessions.sign_out, me=me, scope="local", client=CLIENT),
                partial(recovery.verify, me=me, code=person.codes[0], client=CLIENT),
            ]
        )
        row = Session.objects.get(pk=session.pk)
        assert row.ended_at is not None
        used = row.elevations != 0
        status = recovery.status(me=person.me())
        assert status is not None
        assert status.remaining == (9 if used else 10)
