"""The second step at our pages for an app: its single steps, taken by many at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from lingauth.core.assurance import Level
from lingauth.core.pkce import Pkce, new_verifier, s256
from lingauth.models import Backend, Session
from lingauth.services import flows, sessions, step_up, verification
from lingauth.services.social import browser
from lingauth.services.step_up import Guest
from tests.concurrency.together import codes, together
from tests.support.people import CLIENT, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16
COOKIE = "c" * 43
PLACE = "https://app.example.com/"
VERIFIER = new_verifier()


@pytest.fixture
def ada(backend: Backend, still: time_machine.Traveller) -> Person:
    """With a factor, on a later visit."""
    Backend.objects.update(redirect_urls=[f"{PLACE}**"])
    person = Person.sign_up(backend).enrol()
    person.grant = person.sign_in()
    return person


def ticket_of(ada: Person) -> str:
    url = step_up.begin(me=ada.me(), redirect_to=PLACE, pkce=Pkce(s256(VERIFIER), "s256"))
    return parse_qs(urlsplit(url).query)["ticket"][0]


def arrival(backend: Backend, ticket: str, cookie: str = COOKIE) -> Callable[[], object]:
    digest = browser.digest(backend, cookie)
    return partial(
        step_up.arrive, backend=backend, ticket=ticket, browser_digest=digest, client=CLIENT
    )


def at_the_pages(backend: Backend, ada: Person) -> Guest:
    flow_id = step_up.arrive(
        backend=backend,
        ticket=ticket_of(ada),
        browser_digest=browser.digest(backend, COOKIE),
        client=CLIENT,
    )
    guest = step_up.guest(ref=backend.ref, flow_id=flow_id, cookie=COOKIE)
    assert guest is not None
    return guest


def code_for(backend: Backend, ada: Person) -> str:
    """The app's code, after one of the authenticator."""
    guest = at_the_pages(backend, ada)
    verification.verify_any(me=guest.me, code=ada.code(), client=CLIENT)
    proven = step_up.guest(ref=backend.ref, flow_id=guest.flow.pk, cookie=COOKIE)
    assert proven is not None
    return parse_qs(urlsplit(step_up.leave(proven)).query)["code"][0]


def exchange(backend: Backend, code: str) -> Callable[[], object]:
    return partial(
        flows.exchange, backend=backend, auth_code=code, code_verifier=VERIFIER, client=CLIENT
    )


def test_a_page_that_is_loaded_many_times_at_once_has_one_stand_in(
    backend: Backend, ada: Person
) -> None:
    before = Session.objects.count()
    outcomes = together([arrival(backend, ticket_of(ada))] * THREADS)
    assert codes(outcomes) == {"ok": THREADS}
    assert len({outcome.value for outcome in outcomes}) == 1
    assert Session.objects.count() == before + 1


def test_of_many_browsers_one_takes_the_ticket(backend: Backend, ada: Person) -> None:
    ticket, before = ticket_of(ada), Session.objects.count()
    cookies = [f"{number:043}" for number in range(THREADS)]
    outcomes = together([arrival(backend, ticket, cookie) for cookie in cookies])
    assert codes(outcomes) == {"ok": 1, "flow_state_not_found": THREADS - 1}
    assert Session.objects.count() == before + 1


def test_many_that_leave_at_once_get_one_code(backend: Backend, ada: Person) -> None:
    guest = at_the_pages(backend, ada)
    verification.verify_any(me=guest.me, code=ada.code(), client=CLIENT)
    proven = step_up.guest(ref=backend.ref, flow_id=guest.flow.pk, cookie=COOKIE)
    assert proven is not None
    outcomes = together([partial(step_up.leave, proven)] * THREADS)
    assert codes(outcomes) == {"ok": 1, "flow_state_not_found": THREADS - 1}


def test_a_code_is_traded_once(backend: Backend, ada: Person) -> None:
    outcomes = together([exchange(backend, code_for(backend, ada))] * THREADS)
    assert codes(outcomes)["ok"] == 1
    assert codes(outcomes).keys() <= {"ok", "flow_state_not_found", "session_not_found"}
    assert ada.session.ended_at is not None


def test_signing_out_and_coming_back_leave_nobody_signed_in_by_both(
    backend: Backend, ada: Person, still: time_machine.Traveller
) -> None:
    """Either the app signs out first and the code is worth nothing, or the session that it signs
    out of is over already, and it hears so."""
    for _ in range(6):
        code, asker = code_for(backend, ada), ada.me()
        out = partial(sessions.sign_out, me=asker, scope="local", client=CLIENT)
        signed_out, traded = together([out, exchange(backend, code)])
        assert (signed_out.value == 1) is (traded.code == "session_not_found")
        assert (signed_out.value == 0) is (traded.code == "ok")
        if traded.code == "ok":
            assert traded.value.session.level(traded.value.session.verified_at) is Level.AAL2
        ada.grant = ada.sign_in()
        still.shift(30)
