"""Signing keys: when each begins and ends, what of it is published, and what is written down."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.db import transaction

from lingauth import keyring
from lingauth.conf import settings
from lingauth.core import clock
from lingauth.core.errors import NotFound
from lingauth.models import Backend, SigningKey
from lingauth.services import keys
from lingauth.services.context import ClientInfo
from tests.lingauth.api.people import Clock
from tests.support.acts import ANN, CLIENT, event, written
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db

LEEWAY = 10


@pytest.fixture
def backend(moved: Clock) -> Backend:
    return new_backend().backend


@pytest.fixture
def first(backend: Backend) -> SigningKey:
    return SigningKey.objects.get()


def states(backend: Backend) -> list[str]:
    return [standing.state.value for standing in keys.list_all(backend=backend)]


def published(backend: Backend) -> set[str]:
    return {key["kid"] for key in keys.jwks(backend=backend)["keys"]}


@pytest.mark.parametrize("now", [False, True])
def test_a_new_key_takes_over_when_everybody_can_know_it(
    backend: Backend, first: SigningKey, now: bool
) -> None:
    """Five minutes, unless at once. The old one verifies for an hour of a token, five minutes of
    a copy and ten seconds of clocks that differ, after that."""
    other = new_backend("bravo").backend
    key = keys.rotate(backend=backend, actor=ANN, client=CLIENT, now=now)
    begins = clock.now() + timedelta(seconds=0 if now else 300)
    first.refresh_from_db()
    assert (first.activates_at, first.revoked_at) == (clock.now(), None)
    assert first.expires_at == begins + timedelta(seconds=3600 + 300 + LEEWAY)
    assert (key.activates_at, key.expires_at, key.revoked_at) == (begins, None, None)
    assert (key.backend_id, key.algorithm) == (backend.pk, "ES256")
    assert written()[-1] == event(
        "keys_rotated", backend=backend, kid=key.kid, activates_at=begins.isoformat()
    )
    backend.refresh_from_db()
    other.refresh_from_db()
    assert (backend.keys_version, other.keys_version) == (2, 1)
    assert SigningKey.objects.get(backend=other).expires_at is None


def test_an_end_that_is_set_is_not_moved(backend: Backend, first: SigningKey, moved: Clock) -> None:
    keys.rotate(backend=backend, actor=ANN)
    first.refresh_from_db()
    end = first.expires_at
    moved.shift(60)
    keys.rotate(backend=backend, actor=ANN)
    first.refresh_from_db()
    assert first.expires_at == end


def test_what_a_leaked_key_signed_is_nothing_from_now_on(
    backend: Backend, first: SigningKey, moved: Clock
) -> None:
    moved.shift(60)
    key = keys.revoke(backend=backend, kid=first.kid, actor=ANN, client=CLIENT)
    first.refresh_from_db()
    assert (first.revoked_at, first.expires_at) == (clock.now(), None)
    assert (key.activates_at, key.expires_at, key.revoked_at) == (clock.now(), None, None)
    assert key.backend_id == backend.pk
    assert written()[-1] == event("keys_rotated", backend=backend, kid=key.kid, revoked=first.kid)
    backend.refresh_from_db()
    assert backend.keys_version == 2
    assert published(backend) == {key.kid}


def test_a_key_is_revoked_once_and_by_its_own_backend(backend: Backend, first: SigningKey) -> None:
    other = new_backend("bravo").backend
    key = keys.revoke(backend=backend, kid=first.kid, actor=ANN)
    before = written()
    for whose, kid in ((backend, first.kid), (other, key.kid), (backend, "nope")):
        with pytest.raises(NotFound) as refused:
            keys.revoke(backend=whose, kid=kid, actor=ANN)
        assert str(refused.value) == "This backend has no such signing key."
    assert (written(), SigningKey.objects.count()) == (before, 3)


def test_nobody_is_named_where_nobody_asked_over_a_network(
    backend: Backend, first: SigningKey
) -> None:
    keys.rotate(backend=backend, actor=ANN)
    keys.revoke(backend=backend, kid=first.kid, actor=ANN)
    nowhere = event("keys_rotated", backend=backend, client=ClientInfo())
    assert [row | {"data": {}} for row in written()[-2:]] == [nowhere, nowhere]


def test_what_each_key_is_for_at_each_moment(
    backend: Backend, first: SigningKey, moved: Clock
) -> None:
    assert states(backend) == ["signs"]
    new = keys.rotate(backend=backend, actor=ANN)
    assert states(backend) == ["published", "signs"]
    moved.shift(299)
    assert states(backend) == ["published", "signs"]
    moved.shift(1)
    assert states(backend) == ["signs", "retiring"]
    moved.shift(3600 + 300 + LEEWAY - 1)
    assert states(backend) == ["signs", "retiring"]
    assert published(backend) == {new.kid, first.kid}
    moved.shift(1)
    assert states(backend) == ["signs", "ended"]
    assert published(backend) == {new.kid}
    keys.revoke(backend=backend, kid=new.kid, actor=ANN)
    assert states(backend) == ["signs", "revoked", "ended"]
    assert [row.key for row in keys.list_all(backend=backend)][1:] == [new, first]


def test_of_two_that_begin_together_the_later_one_is_first(
    backend: Backend, first: SigningKey
) -> None:
    new = keys.rotate(backend=backend, actor=ANN, now=True)
    assert [row.key for row in keys.list_all(backend=backend)] == [new, first]
    assert states(backend) == ["signs", "retiring"]


@pytest.mark.parametrize("pending", [1, 2])
def test_a_key_that_takes_over_at_once_goes_on_signing(
    backend: Backend, first: SigningKey, moved: Clock, pending: int
) -> None:
    """Those that were to take over later have an end by then, which their last tokens would not
    outlive."""
    for _ in range(pending):
        keys.rotate(backend=backend, actor=ANN)
        moved.shift(60)
    new = keys.rotate(backend=backend, actor=ANN, now=True)
    for seconds in (0, 299, 1, 3600):
        moved.shift(seconds)
        backend.refresh_from_db()
        assert keyring.ring_of(backend).signing_key(clock.now()).kid == new.kid
        assert keys.list_all(backend=backend)[0].key == new
        assert states(backend)[0] == "signs"
        assert "published" not in states(backend)
    assert SigningKey.objects.get(expires_at=None) == new


def test_where_the_clock_is_behind_the_oldest_signs(
    backend: Backend, first: SigningKey, moved: Clock
) -> None:
    keys.rotate(backend=backend, actor=ANN)
    moved.shift(-60)
    assert states(backend) == ["published", "signs"]


def test_without_a_key_nothing_signs(backend: Backend, first: SigningKey) -> None:
    SigningKey.objects.update(expires_at=clock.now())
    assert states(backend) == ["ended"]
    assert keys.jwks(backend=backend) == {"keys": []}
    SigningKey.objects.all().delete()
    assert keys.list_all(backend=backend) == []


def test_keys_of_others_are_not_among_them(backend: Backend, first: SigningKey) -> None:
    other = new_backend("bravo").backend
    assert published(backend) == {first.kid}
    assert states(backend) == ["signs"]
    assert published(other) != {first.kid}


def unpadded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def test_a_published_key_is_all_that_a_verifier_needs(backend: Backend, first: SigningKey) -> None:
    """RFC 7517, section 4, and RFC 7518, section 6.2.1: coordinates of 32 bytes without padding.

    The name is the thumbprint of RFC 7638, section 3."""
    der = settings.keychain.decrypt("signing key", bytes(first.secret), bound_to=first.kid.encode())
    private = load_der_private_key(der, password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert isinstance(private.curve, ec.SECP256R1)
    numbers = private.public_key().public_numbers()
    x, y = (unpadded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    kid = unpadded(sha256(canonical.encode()).digest())
    assert keys.jwks(backend=backend) == {
        "keys": [
            {
                "kty": "EC",
                "crv": "P-256",
                "x": x,
                "y": y,
                "kid": kid,
                "alg": "ES256",
                "use": "sig",
                "key_ops": ["verify"],
            }
        ]
    }
    assert first.kid == kid
    assert "d" not in first.public


def test_a_small_coordinate_has_32_bytes_too() -> None:
    """RFC 7518, section 6.2.1.2: leading zeros stay."""
    assert keys._b64(1) == unpadded(31 * b"\x00" + b"\x01")
    assert len(urlsafe_b64decode(keys._b64(1) + "=")) == 32


def test_the_thumbprint_is_that_of_the_standard() -> None:
    """By hand from RFC 7638, section 3: the required members in order, without whitespace."""
    given = {"y": "b-_", "kty": "EC", "x": "a", "crv": "P-256"}
    canonical = json.dumps({"crv": "P-256", "kty": "EC", "x": "a", "y": "b-_"}).replace(" ", "")
    assert keys._thumbprint(given) == unpadded(sha256(canonical.encode()).digest())


def test_it_commits_by_itself(backend: Backend, first: SigningKey) -> None:
    """What is told to have happened is not taken back by whoever called."""
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            keys.rotate(backend=backend, actor=ANN)
        with pytest.raises(RuntimeError):
            keys.revoke(backend=backend, kid=first.kid, actor=ANN)
