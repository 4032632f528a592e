"""A backend, its server, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lingauth.models import Backend
from lingauth.services.admin.by import By
from tests.lingauth.api.people import Clock, frozen
from tests.support.acts import CLIENT, SERVER
from tests.support.people import new_backend


@pytest.fixture
def moved() -> Iterator[Clock]:
    with frozen() as moved:
        yield moved


@pytest.fixture
def by(moved: Clock, db: None) -> By:
    backend = new_backend().backend
    Backend.objects.filter(pk=backend.pk).update(site_url="https://app.example.com")
    backend.refresh_from_db()
    return By(backend, SERVER, CLIENT)
