"""Derived keys, encryption bound to a row, keyed digests."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from lingauth.core.crypto import DecryptionFailed, Keychain, derive

OLD, NEW = b"o" * 32, b"n" * 32
CHAIN = Keychain((OLD,))
ROTATED = Keychain((NEW, OLD))
ROW = b"1/2/row"


@given(plain=st.binary(max_size=200), row=st.binary(max_size=40))
def test_what_was_put_in_comes_out(plain: bytes, row: bytes) -> None:
    sealed = CHAIN.encrypt("totp", plain, bound_to=row)
    assert CHAIN.decrypt("totp", sealed, bound_to=row) == plain
    assert len(sealed) == len(plain) + 1 + 4 + 12 + 16


def test_every_byte_counts() -> None:
    sealed = CHAIN.encrypt("totp", b"secret", bound_to=ROW)
    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(DecryptionFailed):
                CHAIN.decrypt("totp", bytes(changed), bound_to=ROW)


def test_no_part_of_it_will_do() -> None:
    sealed = CHAIN.encrypt("totp", b"secret", bound_to=ROW)
    for length in range(len(sealed)):
        with pytest.raises(DecryptionFailed):
            CHAIN.decrypt("totp", sealed[:length], bound_to=ROW)
    with pytest.raises(DecryptionFailed):
        CHAIN.decrypt("totp", sealed + b"\x00", bound_to=ROW)


@given(raw=st.binary(max_size=100))
def test_garbage_is_told_like_everything_else(raw: bytes) -> None:
    with pytest.raises(DecryptionFailed) as refusal:
        ROTATED.decrypt("totp", raw, bound_to=ROW)
    assert str(refusal.value) == ""


@pytest.mark.parametrize(
    ("chain", "purpose", "row"),
    [
        (CHAIN, "signing key", ROW),
        (CHAIN, "totp", b"1/2/other"),
        (CHAIN, "totp", b""),
        (Keychain((NEW,)), "totp", ROW),
    ],
)
def test_it_belongs_to_its_purpose_its_row_and_its_root(
    chain: Keychain, purpose: str, row: bytes
) -> None:
    sealed = CHAIN.encrypt("totp", b"secret", bound_to=ROW)
    with pytest.raises(DecryptionFailed):
        chain.decrypt(purpose, sealed, bound_to=row)


def test_two_of_one_text_differ() -> None:
    assert len({CHAIN.encrypt("totp", b"secret", bound_to=ROW) for _ in range(100)}) == 100


def test_a_new_root_writes_and_the_old_one_still_reads() -> None:
    before = CHAIN.encrypt("totp", b"secret", bound_to=ROW)
    after = ROTATED.encrypt("totp", b"secret", bound_to=ROW)
    assert ROTATED.decrypt("totp", before, bound_to=ROW) == b"secret"
    assert ROTATED.decrypt("totp", after, bound_to=ROW) == b"secret"
    assert Keychain((NEW,)).decrypt("totp", after, bound_to=ROW) == b"secret"
    with pytest.raises(DecryptionFailed):
        Keychain((NEW,)).decrypt("totp", before, bound_to=ROW)
    with pytest.raises(DecryptionFailed):
        CHAIN.decrypt("totp", after, bound_to=ROW)


def test_digests_under_old_roots_are_still_known() -> None:
    stored = CHAIN.digest("recovery code", b"code")
    assert stored in ROTATED.digests("recovery code", b"code")
    assert ROTATED.digests("recovery code", b"code")[0] == ROTATED.digest("recovery code", b"code")
    assert stored != ROTATED.digest("recovery code", b"code")
    assert stored not in Keychain((NEW,)).digests("recovery code", b"code")


@given(
    one=st.lists(st.binary(max_size=6), max_size=4), two=st.lists(st.binary(max_size=6), max_size=4)
)
def test_the_parts_of_a_digest_keep_their_boundaries(one: list[bytes], two: list[bytes]) -> None:
    same = CHAIN.digest("p", *one) == CHAIN.digest("p", *two)
    assert same == (one == two)


@given(one=st.text(max_size=20), two=st.text(max_size=20))
def test_no_key_serves_two_ends(one: str, two: str) -> None:
    assert (derive(OLD, one) == derive(OLD, two)) == (one == two)
    assert derive(OLD, one) != derive(NEW, one)
    assert len(derive(OLD, one)) == 32


def test_a_key_is_derived_by_rfc_5869() -> None:
    """Section 2, with one block: extract under the salt, expand for the purpose."""
    extracted = hmac.new(b"lingauth", OLD, "sha256").digest()
    assert derive(OLD, "totp") == hmac.new(extracted, b"totp\x01", "sha256").digest()


def test_the_parts_of_a_digest_are_framed_by_their_lengths() -> None:
    framed = b"\0\0\0\x01a" + b"\0\0\0\x00" + b"\0\0\0\x03bcd"
    expected = hmac.new(derive(OLD, "p"), framed, "sha256").digest()
    assert CHAIN.digest("p", b"a", b"", b"bcd") == expected


def test_what_was_written_by_an_earlier_release_is_still_read() -> None:
    """Version, key id, nonce, and what AES-256-GCM made of it: for as long as there are rows."""
    key = derive(OLD, "totp")
    header = b"\x01" + sha256(b"lingauth key id" + key).digest()[:4]
    sealed = AESGCM(key).encrypt(b"n" * 12, b"secret", header + ROW)
    assert CHAIN.decrypt("totp", header + b"n" * 12 + sealed, bound_to=ROW) == b"secret"
    assert CHAIN.encrypt("totp", b"secret", bound_to=ROW)[:5] == header


def test_only_what_the_newest_root_wrote_need_not_be_written_anew() -> None:
    before = CHAIN.encrypt("totp", b"secret", bound_to=ROW)
    after = ROTATED.encrypt("totp", b"secret", bound_to=ROW)
    assert ROTATED.is_current("totp", after) is True
    assert ROTATED.is_current("totp", before) is False
    assert ROTATED.is_current("signing key", after) is False
    assert CHAIN.is_current("totp", before) is True


def test_a_root_is_not_one_of_its_keys() -> None:
    assert OLD not in CHAIN.all("totp")
    assert [CHAIN.current("totp")] == CHAIN.all("totp")
    assert ROTATED.current("totp") == derive(NEW, "totp")
