"""A backend, a provider of it, and a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lingauth.models import Account, Backend, Provider
from lingauth.services import backends, mail_asks, providers
from lingauth.services.context import Actor
from lingauth.services.social import answers, authorize, discovery, linking
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.publishing import Site
from tests.lingauth.services.social.returning import Corp

SYSTEM = Actor.system("tests")


@pytest.fixture
def backend(db: None) -> Backend:
    """It asks for the confirmation of addresses."""
    return backends.create_backend(ref="acme", name="Acme", actor=SYSTEM).backend


@pytest.fixture
def corp(backend: Backend) -> Provider:
    return providers.save(
        backend=backend,
        name="corp",
        changes={"issuer": "https://sso.example.com", "client_id": "client-1", "label": "The Corp"},
        actor=SYSTEM,
    )


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    """The notices that are sent: which, to whose account, and what they tell."""
    sent: list[tuple[str, str, dict[str, Any]]] = []

    def send(notice: str, *, backend: Backend, account: Account, context: dict[str, Any]) -> bool:
        assert backend == account.backend
        sent.append((notice, account.email, context))
        return True

    monkeypatch.setattr(linking, "send", send)
    return sent


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The mails that are asked for."""
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(mail_asks, "ask", lambda **values: asked.append(values))
    return asked


@pytest.fixture
def there(corp: Provider, moved: Clock, monkeypatch: pytest.MonkeyPatch) -> Corp:
    made = Corp(corp)
    monkeypatch.setattr(authorize, "configuration", made.configuration)
    monkeypatch.setattr(answers, "trade", made.trade)
    return made


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    made = Site()
    monkeypatch.setattr(discovery, "call", made.call)
    monkeypatch.setattr(discovery, "time", made)
    discovery.forget()
    yield made
    discovery.forget()
