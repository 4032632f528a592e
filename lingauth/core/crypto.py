"""Derived keys, encryption at rest and keyed digests.

One root secret per key id; everything else is derived from it by purpose (HKDF, RFC 5869), so a key
never serves two ends. The first root is used to write, all are tried to read.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class DecryptionFailed(Exception):
    """The ciphertext is not ours, not of this row, or its key is gone. Never say which."""


@lru_cache(maxsize=256)
def derive(root: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"lingauth", info=purpose.encode()).derive(root)


@dataclass(frozen=True, slots=True)
class Keychain:
    """The root secrets, newest first."""

    roots: tuple[bytes, ...]

    def current(self, purpose: str) -> bytes:
        """The key to write with."""
        return derive(self.roots[0], purpose)

    def all(self, purpose: str) -> list[bytes]:
        """Every key that something still valid may have been written with."""
        return [derive(root, purpose) for root in self.roots]

    def encrypt(self, purpose: str, plaintext: bytes, *, bound_to: bytes) -> bytes:
        """AES-256-GCM. ``bound_to`` names the row: moved to another row, it no longer decrypts."""
        key = self.current(purpose)
        nonce = urandom(_NONCE_BYTES)
        header = _VERSION + _key_id(key)
        return header + nonce + AESGCM(key).encrypt(nonce, plaintext, header + bound_to)

    def decrypt(self, purpose: str, ciphertext: bytes, *, bound_to: bytes) -> bytes:
        """The plaintext. Raises DecryptionFailed for anything that is not exactly ours."""
        header_length = 1 + _KEY_ID_BYTES
        header, rest = ciphertext[:header_length], ciphertext[header_length:]
        nonce, sealed = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        for key in self.all(purpose):
            if header == _VERSION + _key_id(key):
                try:
                    return AESGCM(key).decrypt(nonce, sealed, header + bound_to)
                except (InvalidTag, ValueError):
                    break
        raise DecryptionFailed

    def is_current(self, purpose: str, ciphertext: bytes) -> bool:
        """Whether it was written with the newest root, so that nothing has to be written anew."""
        return ciphertext.startswith(_VERSION + _key_id(self.current(purpose)))

    def digest(self, purpose: str, *parts: bytes) -> bytes:
        """A keyed digest to store (HMAC-SHA-256). The parts keep their boundaries."""
        return _digest(self.current(purpose), parts)

    def digests(self, purpose: str, *parts: bytes) -> list[bytes]:
        """The digests under every key, newest first: what a stored one may equal."""
        return [_digest(key, parts) for key in self.all(purpose)]


def _digest(key: bytes, parts: Sequence[bytes]) -> bytes:
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(key, framed, sha256)


@lru_cache(maxsize=256)
def _key_id(key: bytes) -> bytes:
    return sha256(b"lingauth key id" + key).digest()[:_KEY_ID_BYTES]
