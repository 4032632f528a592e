"""A backend, an app of it, and a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lingauth import keyring
from lingauth.services import backends
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from tests.lingauth.api.people import Clock, frozen
from tests.support.app import App


@pytest.fixture
def made(db: None) -> NewBackend:
    """A backend that confirms addresses by itself."""
    keyring.forget()
    return backends.create_backend(
        ref="acme", name="Acme", auto_confirm=True, actor=Actor.system("tests")
    )


@pytest.fixture
def app(made: NewBackend) -> App:
    return App(made.backend.ref, made.anon_key)


@pytest.fixture
def moved() -> Iterator[Clock]:
    """The clock stands, at the beginning of a TOTP step, until the test moves it."""
    with frozen() as moved:
        yield moved
