"""An app of a backend that confirms addresses by mail, as often as a test likes."""

from __future__ import annotations

import pytest

from lingauth.models import Backend
from lingauth.services.backends import NewBackend
from tests.lingauth.api.mail.acts import SITE, setting
from tests.support.app import App


@pytest.fixture
def app(made: NewBackend) -> App:
    setting(
        auto_confirm=False,
        mail_cooldown=0,
        mails_per_hour=100,
        site_url=SITE,
        redirect_urls=[f"{SITE}/**"],
    )
    return App(made.backend.ref, made.anon_key)


@pytest.fixture
def member(app: App) -> App:
    """Somebody who confirmed their address and is signed in."""
    setting(auto_confirm=True)
    app.sign_up("ann@example.com")
    setting(auto_confirm=False)
    return app


@pytest.fixture
def backend(made: NewBackend) -> Backend:
    return made.backend
