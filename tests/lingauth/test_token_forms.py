"""Access tokens to the letter, and at the edges of what is read."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from lingauth import tokens
from lingauth.core import clock
from lingauth.core.errors import BadToken
from lingauth.services.access import SignedIn
from tests.lingauth.api import forge
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


@pytest.fixture
def me(person: Person) -> SignedIn:
    return person.me()


def minted(me: SignedIn, now: datetime) -> tuple[dict[str, Any], int]:
    """The claims of a new token, and the end that is told with it."""
    token, ends = tokens.mint(me.session, me.account, me.backend, now)
    return forge.parts(token)[1], ends


def test_a_token_to_the_letter(me: SignedIn, settings: Settings) -> None:
    """RFC 9068, 2.1, as short as JSON is."""
    settings.LINGAUTH = {**settings.LINGAUTH, "SITE_URL": "https://auth.example.com"}
    now = clock.now()
    token, ends = tokens.mint(me.session, me.account, me.backend, now)
    header, payload, signature = (urlsafe_b64decode(part + "==") for part in token.split("."))
    kid = forge.ring_key("acme").kid
    assert header == f'{{"alg":"ES256","kid":"{kid}","typ":"at+jwt"}}'.encode()
    issued = int(now.timestamp())
    claims = {
        "iss": "https://auth.example.com/b/acme/auth/v1",
        "aud": "authenticated",
        "sub": str(me.account.uuid),
        "exp": issued + 300,
        "iat": issued,
        "session_id": str(me.session.pk),
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": issued}],
        "is_anonymous": False,
    }
    assert payload == json.dumps(claims).replace(": ", ":").replace(", ", ",").encode()
    assert (ends, len(signature)) == (issued + 300, 64)


def test_each_claim_more_is_there_for_who_asks_for_it(me: SignedIn) -> None:
    me.account.app_metadata, me.account.user_metadata = {"plan": "free"}, {"color": "blue"}
    all_ = {
        "email": "ann@example.com",
        "phone": "",
        "app_metadata": {"plan": "free"},
        "user_metadata": {"color": "blue"},
    }
    plain, _ = minted(me, clock.now())
    for name, value in all_.items():
        me.backend.token_claims = [name]
        assert minted(me, clock.now())[0] == plain | {name: value}
    me.backend.token_claims = list(all_)
    assert minted(me, clock.now())[0] == plain | all_


@pytest.mark.parametrize(("left", "lives"), [(2, 2), (1.9, 1), (1, 1), (0.5, 1), (0, 1), (-9, 1)])
def test_a_token_lives_for_a_second_at_least(me: SignedIn, left: float, lives: int) -> None:
    """Clients keep on asking for a new one that is over when it comes."""
    now = clock.now()
    me.session.expires_at = now + timedelta(seconds=left)
    claims, ends = minted(me, now)
    assert claims["exp"] == ends == int(now.timestamp()) + lives


@pytest.mark.parametrize(("ahead", "is_read"), [(9, True), (10, True), (11, False)])
def test_a_token_of_a_node_whose_clock_is_ahead(person: Person, ahead: int, is_read: bool) -> None:
    """By ten seconds at most."""
    made = forge.claim("iat", int(clock.now().timestamp()) + ahead)(person.grant.access_token)
    if is_read:
        assert tokens.read(made).session_id == person.grant.session.pk
    else:
        with pytest.raises(BadToken):
            tokens.read(made)


@pytest.mark.parametrize("power", [12, 17, 19, 40])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_end_that_no_calendar_has_is_refused(person: Person, power: int, sign: int) -> None:
    """Each is another mistake to Python and to the system below it."""
    with pytest.raises(BadToken):
        tokens.read(forge.claim("exp", sign * 10**power)(person.grant.access_token))


@pytest.mark.parametrize(("length", "is_read"), [(4096, True), (4097, False)])
def test_a_token_has_at_most_4096_characters(person: Person, length: int, is_read: bool) -> None:
    token = person.grant.access_token
    header, payload = forge.parts(token)
    head = json.dumps(header).encode()
    for spaces in range(3):  # base64 has no text of 4 n + 1 characters
        begun = json.dumps(payload | {"pad": ""})
        room = length - 2 - 86 - len(forge.b64(head + b" " * spaces))
        size = room * 3 // 4 - len(begun)
        made = forge.raw(
            head + b" " * spaces,
            json.dumps(payload | {"pad": "x" * size}).encode(),
            forge.ring_key("acme").private,
        )
        if len(made) == length:
            break
    assert len(made) == length
    if is_read:
        assert tokens.read(made).session_id == person.grant.session.pk
    else:
        with pytest.raises(BadToken):
            tokens.read(made)


def test_a_second_spelling_of_the_same_bytes_is_refused(person: Person) -> None:
    """In each part, whatever its length leaves unused."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for spaces in range(3):
        header, payload = forge.parts(person.grant.access_token)
        pad = b" " * spaces
        private = forge.ring_key("acme").private
        made = forge.raw(
            json.dumps(header).encode() + pad, json.dumps(payload).encode() + pad, private
        )
        tokens.read(made)
        for number, part in enumerate(made.split(".")):
            if len(part) % 4:
                other = part[:-1] + letters[letters.index(part[-1]) | 1]
                parts = made.split(".")
                parts[number] = other
                assert urlsafe_b64decode(other + "==") == urlsafe_b64decode(part + "==")
                with pytest.raises(BadToken):
                    tokens.read(".".join(parts))


@pytest.mark.parametrize(("more", "is_read"), [('{"b":1,"c":1}', True), ('{"b":1,"b":1}', False)])
def test_a_member_that_is_named_twice_is_refused(person: Person, more: str, is_read: bool) -> None:
    """However deep it lies: readers differ in which of the two they take."""
    _, payload = forge.parts(person.grant.access_token)
    text = json.dumps(payload)[:-1] + f', "more": {more}}}'
    made = forge.document(text.encode())(person.grant.access_token)
    if is_read:
        assert tokens.read(made).session_id == person.grant.session.pk
    else:
        with pytest.raises(BadToken):
            tokens.read(made)
