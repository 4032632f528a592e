"""Password hashes made elsewhere, in the form that Django stores.

Nobody needs a new password: the old hash is verified at the next sign-in and replaced by one of the
project's first hasher.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable

from django.contrib.auth.hashers import get_hashers_by_algorithm

from lingauth.core.errors import ValidationFailed
from lingauth.hashers import FirebaseScryptHasher

MAX_STORED = 128
"""Characters that Django's own password column has."""
HASHERS = {
    "bcrypt": "lingauth.hashers.BcryptHasher",
    "argon2": "django.contrib.auth.hashers.Argon2PasswordHasher",
    "fbscrypt": "lingauth.hashers.FirebaseScryptHasher",
}
"""What ``PASSWORD_HASHERS`` has to name to verify each."""

_BCRYPT_COST = range(4, 16)
_ARGON2_MAX_KIB, _ARGON2_MAX_PASSES, _ARGON2_MAX_LANES = 262_144, 16, 16
_FIREBASE_MAX_LOG_N, _FIREBASE_MAX_R, _FIREBASE_MAX_P = 16, 16, 4

# The last character of the salt and of the checksum has bits to spare, which no encoder sets.
_BCRYPT = re.compile(r"\$2([a-z]?)\$(\d\d)\$([./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31})", re.ASCII)
_ARGON2 = re.compile(
    r"\$argon2(?:i|id)\$v=19\$m=(\d{1,9}),t=(\d{1,6}),p=(\d{1,4})"
    r"\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)",
    re.ASCII,
)
_FIREBASE = re.compile(
    r"\$fbscrypt\$v=1,n=(\d{1,2}),r=(\d{1,3}),p=(\d{1,2})"
    r"(?:,ss=([A-Za-z0-9+/=]*))?,sk=([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)",
    re.ASCII,
)


def to_django(hash: str) -> str:
    """A foreign hash in Django's stored form, its algorithm first.

    Takes bcrypt (``$2a$``, ``$2b$``, ``$2y$``: one algorithm under three names), argon2i and
    argon2id (PHC strings) and Firebase's scrypt (``$fbscrypt$``, as Supabase Auth stores it).
    Raises ValidationFailed for anything else, for costs that would make a sign-in a burden on the
    server, and where no hasher of this project verifies it. The message never holds the hash.
    """
    if not isinstance(hash, str):
        raise ValidationFailed("A password hash has to be a string.")
    stored = next((read(hash) for start, read in _READERS if hash.startswith(start)), None)
    if stored is None:
        raise ValidationFailed(
            "This password hash is of no kind known here. Known are bcrypt ($2a$, $2b$, $2y$), "
            "argon2i, argon2id and Firebase's scrypt ($fbscrypt$)."
        )
    if len(stored) > MAX_STORED:
        raise ValidationFailed(f"This password hash is longer than {MAX_STORED} characters.")
    algorithm = stored.partition("$")[0]
    if algorithm not in get_hashers_by_algorithm():
        raise ValidationFailed(
            f"No hasher of this project verifies {algorithm}. "
            f"Add {HASHERS[algorithm]!r} to PASSWORD_HASHERS."
        )
    return stored


def _bcrypt(hash: str) -> str:
    found = _BCRYPT.fullmatch(hash)
    if found is None:
        raise ValidationFailed("This bcrypt hash is damaged.")
    if found[1] not in ("a", "b", "y"):
        raise ValidationFailed(
            f"A bcrypt hash of the kind $2{found[1]}$ was made by a faulty implementation."
        )
    if int(found[2]) not in _BCRYPT_COST:
        raise ValidationFailed(
            f"The cost of a bcrypt hash is {_BCRYPT_COST.start} to {_BCRYPT_COST.stop - 1} here."
        )
    return f"bcrypt$$2b${found[2]}${found[3]}"


def _argon2(hash: str) -> str:
    found = _ARGON2.fullmatch(hash)
    if found is None:
        raise ValidationFailed(
            "This argon2 hash cannot be read. It has to be argon2i or argon2id, version 19, "
            "without a key."
        )
    kib, passes, lanes = int(found[1]), int(found[2]), int(found[3])
    try:
        salt, kept = _unpadded(found[4]), _unpadded(found[5])
    except ValueError:
        raise ValidationFailed("This argon2 hash is damaged.") from None
    if not (
        1 <= passes <= _ARGON2_MAX_PASSES
        and 1 <= lanes <= _ARGON2_MAX_LANES
        and 8 * lanes <= kib <= _ARGON2_MAX_KIB
        and len(salt) >= 8
        and len(kept) >= 16
    ):
        raise ValidationFailed(
            "The costs of this argon2 hash are out of bounds: at most "
            f"{_ARGON2_MAX_KIB // 1024} MiB, {_ARGON2_MAX_PASSES} passes, "
            f"{_ARGON2_MAX_LANES} lanes."
        )
    return f"argon2{hash}"


def _unpadded(text: str) -> bytes:
    """What base64 without padding stands for. Raises ValueError for what no encoder writes: it is
    cut off, or the last character has bits to spare that are set."""
    data = b64decode(text + "==")  # more padding than there has to be is not minded
    if b64encode(data).decode().rstrip("=") != text:
        raise ValueError
    return data


def _firebase(hash: str) -> str:
    found = _FIREBASE.fullmatch(hash)
    if found is None:
        raise ValidationFailed("This Firebase scrypt hash is damaged.")
    n, r, p = int(found[1]), int(found[2]), int(found[3])
    if not (
        1 <= n <= _FIREBASE_MAX_LOG_N and 1 <= r <= _FIREBASE_MAX_R and 1 <= p <= _FIREBASE_MAX_P
    ):
        raise ValidationFailed("The costs of this Firebase scrypt hash are out of bounds.")
    try:
        separator, signer, salt, kept = (
            b64decode(text or "", validate=True) for text in found.groups()[3:]
        )
    except ValueError:
        raise ValidationFailed("This Firebase scrypt hash is damaged.") from None
    size = FirebaseScryptHasher.bytes_kept
    if len(signer) < size or len(kept) != len(signer):
        raise ValidationFailed("This Firebase scrypt hash and its signer key differ in length.")
    stream = (int.from_bytes(kept[:size]) ^ int.from_bytes(signer[:size])).to_bytes(size)
    salted = b64encode(salt + separator).decode()
    return f"fbscrypt${n},{r},{p}${salted}${b64encode(stream).decode()}"


_READERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("$2", _bcrypt),
    ("$argon2", _argon2),
    ("$fbscrypt$", _firebase),
)
