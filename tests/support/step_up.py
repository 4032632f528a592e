"""A step-up at our pages below HTTP: its calls as the app and the browser make them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from time_machine import Traveller

from lingauth.core.pkce import Pkce, s256
from lingauth.models import Backend, Flow, Session
from lingauth.services import step_up
from lingauth.services.social import browser
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend

PLACE = "https://app.example.com/notes?tab=own"
VERIFIER = "v" * 43
PKCE = Pkce(s256(VERIFIER), "s256")
COOKIE, ANOTHER = "b" * 43, "o" * 43


def somebody(moved: Traveller) -> Person:
    """With a factor; the session that asks is a new one."""
    backend = new_backend().backend
    Backend.objects.update(redirect_urls=["https://app.example.com/**"])
    enrolled = Person.sign_up(backend, "ann@example.com").enrol()
    moved.shift(600)
    enrolled.grant = enrolled.sign_in()
    return enrolled


def digest(person: Person, cookie: str = COOKIE) -> str:
    return browser.digest(person.session.backend, cookie)


def begin(person: Person, **more: Any) -> str:
    return step_up.begin(**{"me": person.me(), "redirect_to": PLACE, "pkce": PKCE, **more})


def ticket(person: Person) -> str:
    return parse_qs(urlsplit(begin(person)).query)["ticket"][0]


def arrive(person: Person, given: object, cookie: str = COOKIE) -> UUID:
    return step_up.arrive(
        backend=person.session.backend,
        ticket=given,
        browser_digest=digest(person, cookie),
        client=CLIENT,
    )


def guest(person: Person, flow_id: UUID, cookie: str | None = COOKIE) -> step_up.Guest | None:
    return step_up.guest(ref=person.ref, flow_id=flow_id, cookie=cookie)


def there(person: Person) -> step_up.Guest:
    """At our pages."""
    found = guest(person, arrive(person, ticket(person)))
    assert found is not None
    return found


def rows() -> Any:
    return list(Session.objects.order_by("pk").values()), list(Flow.objects.order_by("pk").values())
