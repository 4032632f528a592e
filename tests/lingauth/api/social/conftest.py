"""A provider that a backend accepts, a browser, and an app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from lingauth.services.backends import NewBackend
from lingauth.services.social import discovery
from tests.lingauth.api.people import change
from tests.lingauth.api.social.people import APP, BOB, Browser, accept
from tests.support.app import App
from tests.support.openid import OpenId, running


@pytest.fixture
def openid(settings: Settings) -> Iterator[OpenId]:
    """A provider on this machine."""
    settings.LINGAUTH = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": True}
    discovery.forget()
    with running() as provider:
        yield provider


@pytest.fixture
def accepted(made: NewBackend, openid: OpenId) -> NewBackend:
    """The backend accepts it as ``corp`` and asks for the confirmation of addresses."""
    change(made, auto_confirm=False, redirect_urls=[APP])
    accept(made, openid)
    made.backend.refresh_from_db()
    return made


@pytest.fixture
def browser(accepted: NewBackend, openid: OpenId) -> Browser:
    return Browser(accepted.backend.ref, openid)


@pytest.fixture
def bob(accepted: NewBackend, app: App) -> App:
    """Signed up by password, with another address than the provider knows."""
    change(accepted, auto_confirm=True)
    app.sign_up(BOB)
    return app
