"""Running commands as a shell would, and a backend to run them on."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command

from lingauth import keyring
from lingauth.models import Backend
from lingauth.services import backends
from lingauth.services.context import Actor

Run = Callable[..., str]


@pytest.fixture
def run() -> Run:
    """``run("create_backend", "acme", "--name", "Acme")``: what it printed."""

    def run(name: str, *arguments: str) -> str:
        printed = StringIO()
        call_command(name, *arguments, stdout=printed)
        return printed.getvalue()

    return run


@pytest.fixture
def acme(db: None) -> Backend:
    keyring.forget()
    return backends.create_backend(ref="acme", name="Acme", actor=Actor.system("test")).backend
