"""Access tokens: minted from a session's row and never outliving what they say."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from lingauth import keyring, tokens
from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.core.errors import BadToken
from lingauth.models import Account, Session
from lingauth.services import accounts, backends
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.grants import Grant
from tests.lingauth.api import forge

pytestmark = pytest.mark.django_db

ALWAYS = {
    "iss", "sub", "aud", "exp", "iat", "session_id", "role", "aal", "amr", "is_anonymous",
}  # fmt: skip
MINUTE = timedelta(minutes=1)


@pytest.fixture
def made() -> NewBackend:
    keyring.forget()
    actor = Actor.system("tests")
    return backends.create_backend(ref="acme", name="Acme", auto_confirm=True, actor=actor)


@pytest.fixture
def grant(made: NewBackend) -> Grant:
    granted = accounts.sign_up(
        backend=made.backend,
        email="ann@example.com",
        password="correct horse battery",
        data={"color": "blue"},
        client=ClientInfo(),
    )
    assert isinstance(granted, Grant)
    return granted


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def mint(session: Session, account: Account, now: datetime) -> tuple[dict[str, Any], int]:
    token, expires = tokens.mint(session, account, session.backend, now)
    claims = claims_of(token)
    assert claims["exp"] == expires
    return claims, expires


def test_what_is_minted_can_be_read(grant: Grant) -> None:
    claims = tokens.read(grant.access_token)
    assert claims.backend_ref == "acme"
    assert claims.account_uuid == grant.account.uuid
    assert claims.session_id == grant.session.pk
    assert claims.level is Level.AAL1
    assert claims.expires_at.timestamp() == grant.expires_at


def test_nothing_personal_is_in_it_unless_asked_for(grant: Grant) -> None:
    assert claims_of(grant.access_token).keys() == ALWAYS
    assert "ann" not in str(claims_of(grant.access_token))
    grant.backend.token_claims = list(tokens.EXTRA_CLAIMS)
    claims, _ = mint(grant.session, grant.account, clock.now())
    assert claims.keys() == ALWAYS | set(tokens.EXTRA_CLAIMS)
    assert claims["email"] == "ann@example.com"
    assert claims["user_metadata"]["color"] == "blue"


@pytest.mark.parametrize(
    ("level", "ttl", "session_left", "age_left", "idle_left", "lives"),
    [
        ("aal1", 300, 9999, 9999, 9999, 300),
        ("aal1", 300, 100, 9999, 9999, 100),
        ("aal1", 3600, 9999, 0, 0, 3600),
        ("aal2", 300, 9999, 9999, 9999, 300),
        ("aal2", 300, 9999, 60, 9999, 60),
        ("aal2", 300, 9999, 9999, 45, 45),
        ("aal2", 3600, 30, 60, 45, 30),
        ("aal1", 300, 0, 9999, 9999, 1),
    ],
)
def test_it_outlives_neither_its_session_nor_its_level(
    grant: Grant, level: str, ttl: int, session_left: int, age_left: int, idle_left: int, lives: int
) -> None:
    now = clock.now().replace(microsecond=0)
    session, backend = grant.session, grant.backend
    backend.access_token_ttl = ttl
    session.expires_at = now + timedelta(seconds=session_left)
    if level == "aal2":
        session.verified_at = now - backend.limits.max_age + timedelta(seconds=age_left)
        session.refreshed_at = now - backend.limits.max_idle + timedelta(seconds=idle_left)
    claims, expires = mint(session, grant.account, now)
    assert (claims["aal"], expires - int(now.timestamp())) == (level, lives)


def test_a_level_that_ended_is_neither_told_nor_are_its_methods(grant: Grant) -> None:
    now = clock.now()
    session = grant.session
    session.methods = [{"method": "totp", "timestamp": 1}, *session.methods]
    session.verified_at = now - timedelta(days=1)
    claims, _ = mint(session, grant.account, now)
    assert claims["aal"] == "aal1"
    assert [proof["method"] for proof in claims["amr"]] == ["password"]


def test_the_issuer_is_configured_and_the_backends_own(grant: Grant, settings: Settings) -> None:
    assert claims_of(grant.access_token)["iss"] == tokens.issuer_of("acme")
    settings.LINGAUTH = {"SITE_URL": "https://auth.example.com/"}
    assert tokens.issuer_of("acme") == "https://auth.example.com/b/acme/auth/v1"
    with pytest.raises(BadToken):
        tokens.read(grant.access_token)


def test_an_expired_one_is_read_for_ten_seconds_more(grant: Grant) -> None:
    with time_machine.travel(grant.expires_at + 9, tick=False):
        tokens.read(grant.access_token)
    with time_machine.travel(grant.expires_at + 10, tick=False), pytest.raises(BadToken):
        tokens.read(grant.access_token)


@examples(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(0, 2000), char=st.characters(codec="utf-8"))
def test_no_letter_of_it_can_be_changed(grant: Grant, place: int, char: str) -> None:
    token = grant.access_token
    place %= len(token)
    changed = token[:place] + char + token[place + 1 :]
    if changed != token:
        with pytest.raises(BadToken):
            tokens.read(changed)


@examples(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=60) | st.from_regex(r"[\w-]{1,30}\.[\w-]{1,30}\.[\w-]{1,30}"))
def test_any_text_is_read_or_refused(made: NewBackend, text: str) -> None:
    with pytest.raises(BadToken):
        tokens.read(text)


def test_the_last_moment_that_a_calendar_has_is_no_accident(grant: Grant) -> None:
    """Only our keys can write it, and a time ten seconds later cannot be told."""
    last = forge.claim("exp", 253_402_300_799)(grant.access_token)
    assert tokens.read(last).expires_at.year == 9999
