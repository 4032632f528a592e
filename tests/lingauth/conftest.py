"""A backend and an app of it."""

from __future__ import annotations

import pytest

from lingauth import keyring
from lingauth.services import backends
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
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
