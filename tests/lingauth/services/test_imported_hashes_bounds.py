"""Hashes that other systems made: each bound, from both sides, and the words of each refusal."""

from __future__ import annotations

from base64 import b64encode

import pytest
from django.test import override_settings
from django.utils.module_loading import import_string

from lingauth.core.errors import ValidationFailed
from lingauth.services.imported_hashes import HASHERS, to_django
from tests.support.hashes import ARGON2I, ARGON2ID, BCRYPT, FIREBASE

pytestmark = pytest.mark.once

CHECKSUM = BCRYPT.hash.rpartition("$")[2]
COSTS = "The costs of this argon2 hash are out of bounds: at most 256 MiB, 16 passes, 16 lanes."
DAMAGED_ARGON2 = "This argon2 hash is damaged."
UNREADABLE_ARGON2 = (
    "This argon2 hash cannot be read. It has to be argon2i or argon2id, version 19, without a key."
)
FIREBASE_COSTS = "The costs of this Firebase scrypt hash are out of bounds."
DAMAGED_FIREBASE = "This Firebase scrypt hash is damaged."
LENGTHS = "This Firebase scrypt hash and its signer key differ in length."


def argon2(kib: int = 32, passes: int = 3, lanes: int = 2, salt: int = 16, kept: int = 32) -> str:
    """One with a salt and a digest of so many bytes."""
    parts = [b64encode(bytes(size)).decode().rstrip("=") for size in (salt, kept)]
    return f"$argon2id$v=19$m={kib},t={passes},p={lanes}${parts[0]}${parts[1]}"


def firebase(
    n: int = 14, r: int = 8, p: int = 1, signer: bytes = bytes(32), kept: bytes = bytes(range(32))
) -> str:
    """One whose salt is ``salt`` and whose separator is the byte 7."""
    key, stored = b64encode(signer).decode(), b64encode(kept).decode()
    return f"$fbscrypt$v=1,n={n},r={r},p={p},ss=Bw==,sk={key}$c2FsdA==${stored}"


def refused(hash: object, message: str) -> None:
    with pytest.raises(ValidationFailed) as error:
        to_django(hash)  # type: ignore[arg-type]  # some are no strings
    assert (error.value.message, error.value.code) == (message, "validation_failed")
    assert error.value.__suppress_context__ or error.value.__context__ is None  # says no more


@pytest.mark.parametrize("hash", [None, 5, b"$2a$04$"])
def test_a_hash_is_a_string(hash: object) -> None:
    refused(hash, "A password hash has to be a string.")


@pytest.mark.parametrize("hash", ["", "md5$salt$hash", f" {BCRYPT.hash}", "$scrypt$"])
def test_what_is_of_no_known_kind(hash: str) -> None:
    refused(
        hash,
        "This password hash is of no kind known here. Known are bcrypt ($2a$, $2b$, $2y$), "
        "argon2i, argon2id and Firebase's scrypt ($fbscrypt$).",
    )


def test_128_characters_are_stored_and_no_more() -> None:
    """That many has Django's column. ``argon2`` is put before what was brought."""
    longest, longer = argon2(salt=16, kept=53), argon2(salt=16, kept=54)
    assert (len(longest), len(longer)) == (122, 123)
    assert to_django(longest) == f"argon2{longest}"
    refused(longer, "This password hash is longer than 128 characters.")


def test_each_kind_names_the_hasher_that_verifies_it() -> None:
    assert {kind: import_string(name).algorithm for kind, name in HASHERS.items()} == {
        kind: kind for kind in ("bcrypt", "argon2", "fbscrypt")
    }


def test_the_hasher_that_is_missing_is_named() -> None:
    with override_settings(PASSWORD_HASHERS=["lingauth.hashers.BcryptHasher"]):
        refused(
            ARGON2ID.hash,
            "No hasher of this project verifies argon2. "
            "Add 'django.contrib.auth.hashers.Argon2PasswordHasher' to PASSWORD_HASHERS.",
        )
        refused(
            firebase(),
            "No hasher of this project verifies fbscrypt. "
            "Add 'lingauth.hashers.FirebaseScryptHasher' to PASSWORD_HASHERS.",
        )


@pytest.mark.parametrize("cost", ["04", "10", "15"])
def test_bcrypt_costs_that_are_taken(cost: str) -> None:
    assert to_django(f"$2y${cost}${CHECKSUM}") == f"bcrypt$$2b${cost}${CHECKSUM}"


@pytest.mark.parametrize("cost", ["00", "03", "16", "31"])
def test_bcrypt_costs_that_are_not(cost: str) -> None:
    refused(f"$2y${cost}${CHECKSUM}", "The cost of a bcrypt hash is 4 to 15 here.")


@pytest.mark.parametrize("kind", ["", "x", "c"])
def test_bcrypt_of_faulty_implementations(kind: str) -> None:
    refused(
        f"$2{kind}$04${CHECKSUM}",
        f"A bcrypt hash of the kind $2{kind}$ was made by a faulty implementation.",
    )


ARABIC_4 = "\u0664"
"""A digit that Python reads as a number, and no other system wrote."""


def test_numbers_have_the_digits_of_ascii() -> None:
    refused(f"$2a$0{ARABIC_4}${CHECKSUM}", "This bcrypt hash is damaged.")
    refused(argon2().replace("t=3", f"t={ARABIC_4}"), UNREADABLE_ARGON2)
    refused(firebase().replace("n=14", f"n=1{ARABIC_4}"), DAMAGED_FIREBASE)


@pytest.mark.parametrize("rest", [CHECKSUM[:-1], CHECKSUM + ".", "", CHECKSUM[:-1] + "!"])
def test_bcrypt_that_is_damaged(rest: str) -> None:
    refused(f"$2a$04${rest}", "This bcrypt hash is damaged.")


@pytest.mark.parametrize(
    "hash",
    [
        ARGON2I.hash,
        ARGON2ID.hash,
        argon2(passes=1),
        argon2(passes=16),
        argon2(kib=8, lanes=1),
        argon2(kib=128, lanes=16),
        argon2(kib=262_144),
        argon2(salt=8),
        argon2(kept=16),
        argon2(salt=9).replace("A$", "X$"),
        argon2(kept=17),
        argon2(kept=18),
    ],
)
def test_argon2_that_is_taken_is_stored_as_it_is(hash: str) -> None:
    assert to_django(hash) == f"argon2{hash}"


@pytest.mark.parametrize(
    "hash",
    [
        argon2(passes=0),
        argon2(passes=17),
        argon2(kib=0, lanes=0),
        argon2(kib=136, lanes=17),
        argon2(kib=15, lanes=2),
        argon2(kib=262_145),
        argon2(salt=7),
        argon2(kept=15),
    ],
)
def test_argon2_that_costs_too_much_or_protects_too_little(hash: str) -> None:
    refused(hash, COSTS)


@pytest.mark.parametrize(
    ("hash", "message"),
    [
        # Cut off by one, by two; a digest and a salt whose spare bits are set; a salt cut off.
        (ARGON2ID.hash[:-1], DAMAGED_ARGON2),
        (ARGON2ID.hash[:-2], DAMAGED_ARGON2),
        (ARGON2ID.hash[:-1] + "l", DAMAGED_ARGON2),
        (ARGON2ID.hash.replace("1RQ$", "1RR$"), DAMAGED_ARGON2),
        (ARGON2ID.hash.replace("1RQ$", "1R$"), DAMAGED_ARGON2),
        (ARGON2ID.hash + "=", UNREADABLE_ARGON2),
        (ARGON2ID.hash.replace("argon2id", "argon2d"), UNREADABLE_ARGON2),
        (ARGON2ID.hash.replace("v=19", "v=16"), UNREADABLE_ARGON2),
        (ARGON2ID.hash.replace("$v=19", ""), UNREADABLE_ARGON2),
        (ARGON2ID.hash.rpartition("$")[0], UNREADABLE_ARGON2),
    ],
)
def test_argon2_that_could_never_verify(hash: str, message: str) -> None:
    refused(hash, message)


def test_firebase_keeps_the_costs_the_salt_with_its_separator_and_32_bytes_of_the_stream() -> None:
    stream = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="  # the bytes 0 to 31
    for signer, kept in (
        (bytes(32), bytes(range(32))),
        (b"\xff" * 32 + b"more", bytes(range(255, 223, -1)) + b"also"),
        (bytes(range(32)), bytes(32)),
    ):
        assert to_django(firebase(signer=signer, kept=kept)) == (
            f"fbscrypt$14,8,1$c2FsdAc=${stream}"
        )
    without = firebase().replace(",ss=Bw==", "")
    assert to_django(without) == f"fbscrypt$14,8,1$c2FsdA==${stream}"
    assert to_django(firebase().replace("ss=Bw==", "ss=")) == to_django(without)


@pytest.mark.parametrize(("n", "r", "p"), [(1, 8, 1), (16, 8, 1), (14, 1, 1), (14, 16, 4)])
def test_firebase_costs_that_are_taken(n: int, r: int, p: int) -> None:
    assert to_django(firebase(n, r, p)).startswith(f"fbscrypt${n},{r},{p}$c2FsdAc=$")


@pytest.mark.parametrize(
    ("n", "r", "p"), [(0, 8, 1), (17, 8, 1), (14, 0, 1), (14, 17, 1), (14, 8, 0), (14, 8, 5)]
)
def test_firebase_costs_that_are_not(n: int, r: int, p: int) -> None:
    refused(firebase(n, r, p), FIREBASE_COSTS)


@pytest.mark.parametrize(
    "hash",
    [
        "$fbscrypt$",
        FIREBASE.hash.replace("v=1", "v=2"),
        FIREBASE.hash[:-1],
        FIREBASE.hash.replace("ss=Bw==", "ss=Bw="),
        FIREBASE.hash.replace("L2lw==", "L2lw="),
    ],
)
def test_firebase_that_is_damaged(hash: str) -> None:
    refused(hash, DAMAGED_FIREBASE)


def test_firebase_whose_key_and_stream_cannot_be_of_one_another() -> None:
    refused(firebase(signer=bytes(31), kept=bytes(31)), LENGTHS)
    refused(firebase(signer=bytes(33), kept=bytes(32)), LENGTHS)
    refused(firebase(signer=bytes(32), kept=bytes(33)), LENGTHS)
