"""A second backend, accounts with factors, and a look at everything that is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import time_machine
from django.apps import apps
from django.contrib.auth import get_user_model

from lingauth.core import clock
from lingauth.models import ApiKey, Event, GuessLimit
from lingauth.services import backends, policy
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from tests.support.app import App
from tests.support.totp import code_for

TESTS = Actor.system("tests")
STEP = timedelta(seconds=30)
UNKNOWN = "00000000-0000-4000-8000-000000000000"

Clock = time_machine.Traveller


def create(ref: str) -> NewBackend:
    """Another backend that confirms addresses by itself."""
    return backends.create_backend(ref=ref, name=ref.title(), auto_confirm=True, actor=TESTS)


def change(made: NewBackend, **changes: Any) -> None:
    """Change settings of a backend, as its operator would."""
    policy.change(backend_id=made.backend.pk, changes=changes, actor=TESTS)


def app_of(made: NewBackend) -> App:
    return App(made.backend.ref, made.anon_key)


def beside(app: App) -> App:
    """The same account on another device: a session of its own, the same secret."""
    other = App(app.ref, app.anon_key, secret=app.secret)
    other.email = app.email
    other.sign_in()
    return other


@contextmanager
def frozen(offset: timedelta = timedelta(0)) -> Iterator[Clock]:
    """A clock that stands at the beginning of the next TOTP step until it is moved."""
    now = clock.now().timestamp()
    start = now - now % 30 + 30
    with time_machine.travel(start, tick=False) as moved:
        moved.shift(offset)
        yield moved


def prove(app: App, moved: Clock) -> Any:
    """The app's session to ``aal2``, with the code of the next step."""
    moved.shift(STEP)
    return app.keep(app.auth("POST", "mfa/verify", {"code": code_for(app.secret)}))


def wrong(app: App) -> str:
    """Six digits that are no code of this secret in the five minutes around now."""
    now = clock.now().timestamp()
    near = {code_for(app.secret, now + 30 * step) for step in range(-12, 13)}
    return next(code for n in range(1_000_000) if (code := f"{n:06}") not in near)


def stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours but events and the counters of guesses, and of the users.
    When an API key was last used is left out: every request may say so."""
    ours = set(apps.get_app_config("lingauth").get_models()) - {Event, GuessLimit}
    return {
        model._meta.label: [
            {
                name: _plain(value)
                for name, value in row.items()
                if (model, name) != (ApiKey, "last_used_at")
            }
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in (*ours, get_user_model())
    }


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
