"""The published ``supabase-auth`` in eight threads with one storage, while answers are lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import httpx
import pytest
from supabase_auth import SyncGoTrueClient, SyncMemoryStorage
from supabase_auth.errors import AuthError, AuthRetryableError

from tests.clients.conftest import Site
from tests.clients.people import headers, refused, signed_up

pytestmark = pytest.mark.clients
PROGRAMS = 8


class Losing(httpx.HTTPTransport):
    """Loses the first answers to a refresh, after the server has given them."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left, self._lock = times, Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if "grant_type=refresh_token" in str(request.url):
            with self._lock:
                self.left, lost = self.left - 1, self.left > 0
            if lost:
                response.close()
                raise httpx.ReadError("the answer was lost", request=request)
        return response


def storm(backend: dict[str, str], *, lost: int) -> tuple[SyncGoTrueClient, list[str]]:
    """One person's programs refresh at once, and each again until it has an answer. A program of
    the same storage, and how each of them fared."""
    storage = SyncMemoryStorage()
    person = signed_up(backend, storage=storage)
    token = person.session.refresh_token
    together = Barrier(PROGRAMS)

    def program(_: int) -> str:
        client = SyncGoTrueClient(
            url=f"{backend['url']}/auth/v1",
            headers=headers(backend["anon_key"]),
            http_client=httpx.Client(transport=Losing(lost), timeout=30),
            storage=storage,
            auto_refresh_token=False,
        )
        together.wait(30)
        for _try in range(lost + 1):
            try:
                session = client.refresh_session(token).session
            except AuthRetryableError:
                continue
            except AuthError as error:
                return str(error.code)
            assert session is not None
            return "served"
        return "lost"

    with ThreadPoolExecutor(PROGRAMS) as pool:
        return person.client, list(pool.map(program, range(PROGRAMS)))


@pytest.mark.parametrize("lost", [0, 2])
def test_within_the_grace_everybody_is_served(site: Site, lost: int) -> None:
    client, fared = storm(site.backends["tabs"], lost=lost)
    assert fared == ["served"] * PROGRAMS
    client.get_user()
    client.refresh_session()


@pytest.mark.parametrize("lost", [0, 2])
def test_without_a_grace_the_second_is_taken_for_a_thief(site: Site, lost: int) -> None:
    client, fared = storm(site.backends["strict"], lost=lost)
    assert fared.count("served") <= (0 if lost else 1)
    assert set(fared) <= {"served", "refresh_token_already_used", "refresh_token_not_found"}
    refused(client.get_user, "session_not_found")
