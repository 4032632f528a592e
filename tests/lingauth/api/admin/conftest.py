"""The backend's own server."""

from __future__ import annotations

import pytest

from lingauth.services.backends import NewBackend
from tests.lingauth.api.admin.server import Server


@pytest.fixture
def server(made: NewBackend) -> Server:
    return Server.of(made)
