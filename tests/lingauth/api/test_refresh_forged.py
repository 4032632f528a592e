"""Refresh tokens that are none of this session's: nothing is told and nothing is revoked."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

from lingauth.conf import settings
from lingauth.core import refresh as codec
from lingauth.core.refresh import Kind
from lingauth.models import Session
from lingauth.services.grants import SERVER_KEY
from tests.lingauth.api import contract
from tests.lingauth.api.people import app_of, create, stored
from tests.support.app import App

pytestmark = pytest.mark.django_db

UNKNOWN = "Invalid Refresh Token: Refresh Token Not Found"


@pytest.fixture
def member(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def forged(session: Session, generation: int) -> str:
    key = settings.keychain.current(SERVER_KEY)
    return codec.encode(Kind.REFRESH, session.pk, generation, bytes(session.secret), key)


@pytest.mark.parametrize("ahead", [1, 2, 2**32, 2**64 - 2])
def test_newer_than_current_revokes_nothing(member: App, ahead: int) -> None:
    """Only we can make one: it speaks of a database that was set back, not of a thief."""
    token = forged(Session.objects.get(), 1 + ahead)
    before = stored()
    contract.refused(member.refresh(token), 400, "refresh_token_not_found", UNKNOWN)
    assert stored() == before
    contract.session(member.refresh())


def tampered(token: str) -> list[str]:
    raw = bytearray(urlsafe_b64decode(token))
    made = []
    for place in (0, 1, 16, 17, 24, 25, len(raw) - 1):
        changed = bytearray(raw)
        changed[place] ^= 1
        made.append(urlsafe_b64encode(changed).decode())
    return made


def test_a_bad_mac_revokes_nothing(member: App) -> None:
    member.keep(member.refresh())
    before = stored()
    for token in tampered(member.session["refresh_token"]):
        contract.refused(member.refresh(token), 400, "refresh_token_not_found", UNKNOWN)
    assert stored() == before
    contract.session(member.refresh())


def test_another_backend_does_not_know_the_token_and_revokes_nothing(member: App) -> None:
    other = app_of(create("bravo"))
    used = member.session["refresh_token"]
    member.keep(member.refresh())
    before = stored()
    for token in (used, member.session["refresh_token"]):
        contract.refused(other.refresh(token), 400, "refresh_token_not_found", UNKNOWN)
    assert stored() == before
    contract.session(member.refresh())


@pytest.mark.parametrize(
    "token",
    [None, "", "x", "A" * 76, "A" * 4096, "\u00e9" * 76, "lk_anon_x", "a.b.c", 5, ["x"], {}, True],
)
def test_garbage_is_refused(member: App, token: Any) -> None:
    body = {"refresh_token": token}
    answer = member.auth("POST", "token?grant_type=refresh_token", body, anonymous=True)
    code = "refresh_token_not_found" if token is None or isinstance(token, str) else None
    contract.refused(answer, 400, code or "validation_failed")
    contract.session(member.refresh())


def test_another_spelling_of_the_token_is_another_token(member: App) -> None:
    token = member.session["refresh_token"]
    for other in (token + "=", " " + token, token + "\n", token[:-1], token.upper()):
        contract.refused(member.refresh(other), 400, "refresh_token_not_found", UNKNOWN)


@pytest.mark.parametrize("kind", ["access", "anon key", "page cookie"])
def test_nothing_else_of_ours_passes_for_a_refresh_token(member: App, kind: str) -> None:
    session = Session.objects.get()
    key = settings.keychain.current(SERVER_KEY)
    others = {
        "access": member.session["access_token"],
        "anon key": member.anon_key,
        "page cookie": codec.encode(Kind.COOKIE, session.pk, 1, bytes(session.secret), key),
    }
    contract.refused(member.refresh(others[kind]), 400, "refresh_token_not_found", UNKNOWN)
