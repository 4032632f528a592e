"""The published ``supabase-auth`` against a live server, with asyncio."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from supabase_auth import AsyncGoTrueClient

from tests.clients.authenticator import Authenticator
from tests.clients.conftest import Site
from tests.clients.people import PASSWORD, address, headers

pytestmark = pytest.mark.clients


def test_from_signing_up_to_the_second_step(site: Site) -> None:
    asyncio.run(_story(site.backends["tabs"]))


async def _story(backend: dict[str, str]) -> None:
    email = address()
    client = AsyncGoTrueClient(
        url=f"{backend['url']}/auth/v1",
        headers=headers(backend["anon_key"]),
        http_client=httpx.AsyncClient(timeout=30),
        auto_refresh_token=False,
    )
    await client.sign_up({"email": email, "password": PASSWORD})
    made = await client.mfa.enroll({"factor_type": "totp", "friendly_name": "Phone"})
    assert made.totp is not None
    phone = Authenticator(made.totp.secret, made.id)
    opened = await client.mfa.challenge({"factor_id": made.id})
    await client.mfa.verify({"factor_id": made.id, "challenge_id": opened.id, "code": phone.code()})
    level = await client.mfa.get_authenticator_assurance_level()
    assert level.current_level == "aal2"
    session = await client.get_session()
    assert session is not None
    # Eight at once with one token: within the grace all get the same child.
    answers = await asyncio.gather(
        *(client.refresh_session(session.refresh_token) for _ in range(8))
    )
    assert len({answer.session.refresh_token for answer in answers if answer.session}) == 1
    claims = await client.get_claims()
    assert claims is not None
    assert claims["claims"]["aal"] == "aal2"
    await client.sign_out()
    assert await client.get_session() is None
    await client.close()
