"""Hashes that other systems made: which are taken, how they are stored, and that they verify."""

from __future__ import annotations

import bcrypt
import pytest
from django.contrib.auth.hashers import check_password
from django.test import override_settings

from lingauth.core.errors import ValidationFailed
from lingauth.services.imported_hashes import MAX_STORED, to_django
from tests.support.hashes import ARGON2I, ARGON2ID, BCRYPT, FIREBASE, FIREBASE_2

pytestmark = pytest.mark.once

CHECKSUM = BCRYPT.hash.rpartition("$")[2]


@pytest.mark.parametrize("known", [BCRYPT, ARGON2I, ARGON2ID, FIREBASE, FIREBASE_2])
def test_a_hash_tells_its_password_and_no_other(known: tuple[str, str]) -> None:
    hash, password = known
    stored = to_django(hash)
    assert len(stored) <= MAX_STORED
    assert check_password(password, stored)
    assert not check_password(f"{password}.", stored)


@pytest.mark.parametrize("prefix", ["2a", "2b", "2y"])
def test_bcrypt_has_three_names_for_one_algorithm(prefix: str) -> None:
    stored = to_django(BCRYPT.hash.replace("2a", prefix))
    assert stored == f"bcrypt$$2b$04${CHECKSUM}"


def test_bcrypt_reads_72_bytes_of_a_password_as_it_did_elsewhere() -> None:
    made = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    stored = to_django(made)
    assert check_password("x" * 72 + "more", stored)
    assert not check_password("x" * 71, stored)


def test_the_signer_key_of_a_firebase_project_is_not_kept() -> None:
    signer = FIREBASE.hash.partition("sk=")[2].partition("$")[0]
    assert signer[:20] not in to_django(FIREBASE.hash)


@pytest.mark.parametrize(
    ("hash", "told"),
    [
        ("", "no kind known"),
        ("plaintext", "no kind known"),
        ("$1$salt$md5", "no kind known"),
        ("$5$rounds=1000$salt$sha256", "no kind known"),
        ("$argon2d$v=19$m=16,t=2,p=1$bGJRWThNOHJJTVBSdHl2dQ$NfEnUOuUpb7F2fQkgFUG4g", "argon2"),
        ("$argon2id$v=16$m=16,t=2,p=1$bGJRWThNOHJJTVBSdHl2dQ$NfEnUOuUpb7F2fQkgFUG4g", "argon2"),
        (ARGON2ID.hash.replace("m=32", "m=99999999"), "costs"),
        (ARGON2ID.hash.replace("t=3", "t=9999"), "costs"),
        (ARGON2ID.hash.replace("p=2", "p=99"), "costs"),
        (ARGON2ID.hash.replace("p=2$", "p=2,keyid=Hj5+$"), "cannot be read"),
        (ARGON2ID.hash + "A" * 60, "longer"),
        (f"$2a$31${CHECKSUM}", "cost"),
        (f"$2a$03${CHECKSUM}", "cost"),
        (f"$2x$04${CHECKSUM}", "faulty"),
        (f"$2$04${CHECKSUM}", "faulty"),
        (f"$2a$04${CHECKSUM[:-1]}", "damaged"),
        (f"$2a$04${CHECKSUM}\n", "damaged"),
        (f"$2a$04${CHECKSUM[:21]}v{CHECKSUM[22:]}", "damaged"),
        (FIREBASE.hash.replace("n=14", "n=40"), "costs"),
        (FIREBASE.hash.replace("sk=", "sk=="), "damaged"),
        (FIREBASE.hash[:-20], "length"),
    ],
)
def test_what_cannot_be_verified_is_refused_in_a_sentence(hash: str, told: str) -> None:
    with pytest.raises(ValidationFailed, match=told) as refused:
        to_django(hash)
    assert len(hash) < 12 or hash not in refused.value.message


def test_a_hash_that_no_hasher_here_verifies_is_refused_and_names_the_missing_one() -> None:
    only = override_settings(PASSWORD_HASHERS=["lingauth.hashers.Argon2idHasher"])
    with only, pytest.raises(ValidationFailed, match=r"lingauth\.hashers\.BcryptHasher"):
        to_django(BCRYPT.hash)
