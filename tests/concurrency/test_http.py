"""The same races as their victims meet them: over HTTP, against two worker processes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection

from lingauth.models import Session
from lingauth.services.backends import NewBackend
from tests.concurrency.together import together
from tests.concurrency.wire import Wire, app_of
from tests.invariants.actions import require_mfa
from tests.support.app import App
from tests.support.people import Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16


def sent(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """The answers to requests sent at the same moment. None may be the server's failure."""
    answers = [outcome.value for outcome in together(acts)]
    assert all(answer.status_code < 500 for answer in answers), Counter(
        answer.status_code for answer in answers
    )
    return answers


def away_from_the_end_of_a_step() -> None:
    """Codes are real here: leave a few seconds before the next one."""
    if (left := 30 - time.time() % 30) < 4:
        time.sleep(left + 0.1)


@pytest.mark.parametrize("round_", range(2))
def test_one_code_on_sixteen_sessions_and_two_processes_raises_one(
    live: NewBackend, wire: Wire, round_: int
) -> None:
    away_from_the_end_of_a_step()
    person = Person.sign_up(live.backend).enrol()
    grants = [person.sign_in() for _ in range(THREADS)]
    apps = [app_of(wire, live.anon_key, person, access_token=g.access_token) for g in grants]
    body = {"code": person.code()}
    answers = sent([partial(app.auth, "POST", "mfa/verify", body) for app in apps])
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses[200] == 1, statuses
    assert set(statuses) <= {200, 422, 429}
    raised = Session.objects.filter(pk__in=[g.session.pk for g in grants], elevations=1)
    assert raised.count() == 1


@pytest.mark.parametrize("round_", range(2))
def test_one_code_sent_sixteen_times_by_one_session_counts_once(
    live: NewBackend, wire: Wire, round_: int
) -> None:
    away_from_the_end_of_a_step()
    person = Person.sign_up(live.backend).enrol()
    grant = person.sign_in()
    app = app_of(wire, live.anon_key, person, access_token=grant.access_token)
    opened = app.auth("POST", f"factors/{person.factor}/challenge", {}).json()["id"]
    body = {"challenge_id": opened, "code": person.code()}
    answers = sent([partial(app.auth, "POST", f"factors/{person.factor}/verify", body)] * THREADS)
    assert Counter(answer.status_code for answer in answers)[200] == 1
    assert Session.objects.get(pk=grant.session.pk).elevations == 1


@pytest.mark.parametrize("round_", range(2))
def test_one_recovery_code_on_sixteen_sessions_and_two_processes_raises_one(
    live: NewBackend, wire: Wire, round_: int
) -> None:
    person = Person.sign_up(live.backend).enrol().make_codes()
    grants = [person.sign_in() for _ in range(THREADS)]
    apps = [app_of(wire, live.anon_key, person, access_token=g.access_token) for g in grants]
    body = {"code": person.codes[0]}
    answers = sent(
        [partial(app.auth, "POST", "factors/recovery-codes/verify", body) for app in apps]
    )
    assert Counter(answer.status_code for answer in answers)[200] == 1


def test_one_token_with_sixteen_keys_has_at_most_one_child_and_the_family_dies(
    live: NewBackend, wire: Wire
) -> None:
    for _ in range(5):
        person = Person.sign_up(live.backend)
        app = app_of(wire, live.anon_key, person)
        answers = sent([partial(app.refresh, key=f"key {n}") for n in range(THREADS)])
        served = [answer.json() for answer in answers if answer.status_code == 200]
        assert len(served) <= 1
        refused = {a.json()["code"] for a in answers if a.status_code != 200}
        assert refused <= {"refresh_token_already_used", "refresh_token_not_found"}
        for child in served:
            assert app.refresh(child["refresh_token"]).status_code == 400
            assert app.data(token=child["access_token"]).status_code == 401
        assert app.data().status_code == 401, "the parent's access token dies with the family"


def test_one_token_with_one_key_has_one_child_and_all_get_it_byte_for_byte(
    live: NewBackend, wire: Wire
) -> None:
    for _ in range(5):
        person = Person.sign_up(live.backend)
        app = app_of(wire, live.anon_key, person)
        answers = sent([partial(app.refresh, key="the app's own")] * THREADS)
        assert {answer.status_code for answer in answers} == {200}
        children = {answer.json()["refresh_token"] for answer in answers}
        assert len(children) == 1
        assert app.refresh(children.pop()).status_code == 200


def test_a_database_that_drops_every_connection_costs_nobody_their_session(
    live: NewBackend, wire: Wire
) -> None:
    """A fail-over under load: refusals that pass (503), no failure of ours, no 4xx that would make
    a client forget its session, and no data below the level."""
    require_mfa(live.backend)
    person = Person.sign_up(live.backend).enrol()
    low = person.sign_in()
    high = app_of(wire, live.anon_key, person)
    below = app_of(wire, live.anon_key, person, access_token=low.access_token)
    families = [person.sign_in() for _ in range(8)]
    apps = [app_of(wire, live.anon_key, person, refresh_token=g.refresh_token) for g in families]
    ours = _backend_pid()
    statuses: Counter[tuple[str, int]] = Counter()
    for _ in range(3):
        acts: list[tuple[str, Callable[[], Any]]] = [
            ("refresh", partial(app.refresh, key="mine")) for app in apps
        ]
        acts += [("high", high.data), ("below", below.data)] * 4
        drop = partial(_drop_connections, but=ours)
        outcomes = together([drop, *(act for _, act in acts)])
        for (name, _), outcome in zip(acts, outcomes[1:], strict=True):
            statuses[name, outcome.value.status_code] += 1
    assert set(statuses) <= {
        *(("high", 200), ("high", 503)),
        *(("below", 403), ("below", 503)),
        *(("refresh", 200), ("refresh", 503)),
    }, statuses
    _wait_until_every_connection_is_new(high)
    assert {app.refresh(key="mine").status_code for app in apps} == {200}


def _wait_until_every_connection_is_new(app: App) -> None:
    """Each thread of each process finds out once that its connection is gone, and makes another."""
    calm = 0
    for _ in range(40):
        outcomes = together([app.data] * THREADS)
        calm = calm + 1 if all(o.value.status_code == 200 for o in outcomes) else 0
        if calm == 3:
            return
    raise AssertionError("Requests still fail, long after the connections were dropped.")


def _backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _drop_connections(*, but: int) -> None:
    """As an administrator does before a fail-over. The test's own connection is spared."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
            [but],
        )


def test_wrong_codes_over_two_processes_are_all_counted(live: NewBackend, wire: Wire) -> None:
    away_from_the_end_of_a_step()
    person = Person.sign_up(live.backend).enrol()
    grants = [person.sign_in() for _ in range(THREADS)]
    apps = [app_of(wire, live.anon_key, person, access_token=g.access_token) for g in grants]
    near = {person.code(step) for step in range(-12, 4)}
    wrong = next(text for n in range(100) if (text := f"{n:06}") not in near)
    answers = sent([partial(app.auth, "POST", "mfa/verify", {"code": wrong}) for app in apps])
    assert Counter(a.status_code for a in answers) == {422: 5, 429: THREADS - 5}
    late = apps[0].auth("POST", "mfa/verify", {"code": person.code()})
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) > 800
