"""Password hashers: the one that new projects start with, and those of hashes made elsewhere.

The latter only verify what somebody brought; the next sign-in replaces it by the first's.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    BasePasswordHasher,
    BCryptPasswordHasher,
    mask_hash,
)
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_noop as _


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id at 19 MiB, two passes, one lane (OWASP Password Storage; ASVS 5.0 appendix C).

    Django's own class takes 100 MiB and eight lanes, which a sign-in storm turns into an outage.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class BcryptHasher(BCryptPasswordHasher):
    """bcrypt over the password itself, as most other systems store it. Needs the bcrypt package.

    bcrypt reads 72 bytes and no more. What made these hashes cut longer passwords there without a
    word, so the same is done here; Django's own class would fail on them.
    """

    max_bytes = 72

    def encode(self, password: str, salt: bytes) -> str:  # type: ignore[override]  # bytes, as Django passes them
        cut = password.encode()[: self.max_bytes]
        bcrypt = self._load_library()  # type: ignore[attr-defined]  # not in the stubs
        hashed: bytes = bcrypt.hashpw(cut, salt)
        return f"{self.algorithm}${hashed.decode('ascii')}"


class FirebaseScryptHasher(BasePasswordHasher):
    """Firebase's variant of scrypt, reduced to what belongs to one account.

    Firebase encrypts a project's signer key with AES-CTR under the scrypt of a password, and keeps
    the ciphertext. Without that key's own bits it is the key stream, of which 32 bytes are stored:
    ``fbscrypt$<log2 N>,<r>,<p>$<salt>$<key stream>``. They tell a password as surely, need no
    secret of the old project, and fit the 128 characters of Django's column.
    """

    algorithm = "fbscrypt"
    bytes_kept = 32

    def salt(self) -> str:
        raise NotImplementedError("Hashes of this kind are brought along, never made.")

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, costs, salt, stream = encoded.split("$")
        n, r, p = (int(number) for number in costs.split(","))
        return {"algorithm": algorithm, "n": n, "r": r, "p": p, "salt": salt, "stream": stream}

    def verify(self, password: str, encoded: str) -> bool:
        made = self.decode(encoded)
        key = hashlib.scrypt(
            password.encode(),
            salt=b64decode(made["salt"]),
            n=1 << made["n"],
            r=made["r"],
            p=made["p"],
            dklen=32,
            maxmem=2 * 128 * made["r"] * ((1 << made["n"]) + made["p"]),
        )
        cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
        stream = b64encode(cipher.update(bytes(self.bytes_kept))).decode()
        return constant_time_compare(stream, made["stream"])

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        made = self.decode(encoded)
        return {
            _("algorithm"): made["algorithm"],
            _("work factor"): made["n"],
            _("salt"): mask_hash(made["salt"]),
            _("hash"): mask_hash(made["stream"]),
        }

    def must_update(self, encoded: str) -> bool:
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """There is no cost to make up for: this is never the preferred hasher."""
