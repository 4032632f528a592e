"""Signing keys held in memory, and when they are read again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from lingauth import keyring, tokens
from lingauth.core import clock
from lingauth.core.crypto import DecryptionFailed
from lingauth.core.errors import BadToken
from lingauth.models import Backend, SigningKey
from lingauth.services import backends, keys
from lingauth.services.context import Actor
from tests.support.people import Person, new_backend
from tests.support.statements import counted

pytestmark = pytest.mark.django_db

TESTS = Actor.system("tests")
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def backend() -> Backend:
    keyring.forget()
    return backends.create_backend(ref="acme", name="Acme", actor=TESTS).backend


def reread(backend: Backend) -> Backend:
    """The backend as the next request sees it."""
    return Backend.objects.get(pk=backend.pk)


def test_a_ring_is_read_once(backend: Backend) -> None:
    first = keyring.ring_of(backend)
    with counted() as statements:
        assert keyring.ring_of(reread(backend)) is first
        assert keyring.find(first.keys[0].kid) is first.keys[0]
    assert len(statements) == 1, statements


def test_it_is_read_again_after_a_change(backend: Backend) -> None:
    """The change may be another process's: its sign is the version, which each request reads."""
    (old,) = keyring.ring_of(backend).keys
    new = keys.rotate(backend=backend, actor=TESTS)
    assert len(keyring.ring_of(backend).keys) == 1
    ring = keyring.ring_of(reread(backend))
    assert [key.kid for key in ring.keys] == [new.kid, old.kid]


def test_a_new_key_takes_over_when_everybody_can_know_it(backend: Backend) -> None:
    (old,) = keyring.ring_of(backend).keys
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False) as moved:
        new = keys.rotate(backend=backend, actor=TESTS)
        ring = keyring.ring_of(reread(backend))
        moved.shift(FIVE_MINUTES - timedelta(seconds=1))
        assert ring.signing_key(clock.now()).kid == old.kid
        moved.shift(1)
        assert ring.signing_key(clock.now()).kid == new.kid
        assert ring.has(old.kid, clock.now())
        moved.shift(timedelta(seconds=3600 + 300 + 10) - timedelta(seconds=1))
        assert ring.has(old.kid, clock.now())
        moved.shift(1)
        assert not ring.has(old.kid, clock.now())
        assert ring.has(new.kid, clock.now())


def test_at_once_if_asked(backend: Backend) -> None:
    new = keys.rotate(backend=backend, actor=TESTS, now=True)
    assert keyring.ring_of(reread(backend)).signing_key(clock.now()).kid == new.kid


def test_a_node_whose_clock_is_behind_signs_with_the_oldest(backend: Backend) -> None:
    ring = keyring.ring_of(backend)
    assert ring.signing_key(clock.now() - timedelta(days=1)) is ring.keys[-1]


def test_without_a_usable_key_it_says_what_to_do(backend: Backend) -> None:
    SigningKey.objects.update(expires_at=clock.now())
    with pytest.raises(LookupError, match="rotate_keys"):
        keyring.ring_of(backend).signing_key(clock.now())


def test_a_revoked_key_is_in_no_ring(backend: Backend) -> None:
    (old,) = keyring.ring_of(backend).keys
    new = keys.revoke(backend=backend, kid=old.kid, actor=TESTS)
    ring = keyring.ring_of(reread(backend))
    assert [key.kid for key in ring.keys] == [new.kid]
    assert not ring.has(old.kid, clock.now())
    assert keyring.find(old.kid) is None


def test_an_unknown_key_is_asked_for_once(backend: Backend) -> None:
    with counted() as statements:
        for _ in range(5):
            assert keyring.find("x" * 43) is None
    assert len(statements) == 1, statements


def test_what_is_remembered_of_unknown_keys_is_bounded(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "_UNKNOWN_KIDS", 10)
    for number in range(50):
        keyring.find(f"{number:043}")
    assert len(keyring._unknown) == 10


def test_a_key_of_another_process_is_found_without_its_backend(backend: Backend) -> None:
    keyring.forget()
    kid = SigningKey.objects.get().kid
    found = keyring.find(kid)
    assert found is not None
    assert (found.backend_ref, found.backend_id) == ("acme", backend.pk)


def test_private_halves_are_kept_encrypted_and_bound_to_their_row(backend: Backend) -> None:
    row = SigningKey.objects.get()
    assert b"\x30\x81" not in bytes(row.secret)[:8]
    assert "d" not in row.public
    other = backends.create_backend(ref="bravo", name="Bravo", actor=TESTS).backend
    SigningKey.objects.filter(backend=other).update(secret=row.secret)
    with pytest.raises(DecryptionFailed):
        keyring.ring_of(other)


def test_a_key_is_named_after_itself(backend: Backend) -> None:
    row: Any = SigningKey.objects.get()
    assert len(row.kid) == 43
    assert row.public["kid"] == row.kid
    assert keys._thumbprint({k: row.public[k] for k in ("crv", "kty", "x", "y")}) == row.kid


def test_a_key_that_another_thread_took_out_again_is_not_called_unknown(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that read an older ring drops what is not in it, at any moment."""
    keyring.forget()
    kid = SigningKey.objects.get().kid
    load = keyring._load

    def overtaken(backend: Backend) -> keyring.Ring:
        ring = load(backend)
        keyring._keys.pop(kid)
        return ring

    monkeypatch.setattr(keyring, "_load", overtaken)
    assert keyring.find(kid) is not None
    assert kid not in keyring._unknown


def test_a_token_that_was_read_before_its_key_was_revoked_is_none() -> None:
    """Its signature is known to be right, and no use any more."""
    keyring.forget()
    backend = new_backend().backend
    person = Person.sign_up(backend)
    token = person.grant.access_token
    assert tokens.read(token).session_id == person.session.pk
    (old,) = keyring.ring_of(backend).keys
    keys.revoke(backend=backend, kid=old.kid, actor=TESTS)
    keyring.ring_of(reread(backend))
    with pytest.raises(BadToken):
        tokens.read(token)
