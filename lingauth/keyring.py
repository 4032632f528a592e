"""A backend's signing keys, prepared and held in memory.

A ring is read again when the backend's ``keys_version`` moved, which every request sees in the
statement it makes anyway. Parsing a key costs more than using it, so it is done once.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key

from lingauth.conf import settings
from lingauth.core.crypto import DecryptionFailed
from lingauth.models import Backend, SigningKey

PURPOSE = "signing key"
_UNKNOWN_KIDS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """One prepared ES256 key of one backend. A key past ``expires_at`` verifies nothing."""

    kid: str
    backend_id: int
    backend_ref: str
    private: ec.EllipticCurvePrivateKey
    public: ec.EllipticCurvePublicKey
    activates_at: datetime
    expires_at: datetime | None

    def verifies(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of a backend that were not revoked, newest first."""

    version: int
    keys: tuple[Key, ...]

    def signing_key(self, now: datetime) -> Key:
        """The newest key that is active; on a node whose clock is behind, the oldest there is.

        Raises LookupError if the backend has none.
        """
        usable = [key for key in self.keys if key.verifies(now)]
        if not usable:
            raise LookupError("This backend has no signing key: run rotate_keys.")
        return next((key for key in usable if key.activates_at <= now), usable[-1])

    def has(self, kid: str, now: datetime) -> bool:
        return any(key.kid == kid and key.verifies(now) for key in self.keys)


_rings: dict[int, Ring] = {}
_keys: dict[str, Key] = {}
_unknown: OrderedDict[str, None] = OrderedDict()


def ring_of(backend: Backend) -> Ring:
    """The backend's ring: from memory, or in one statement after it changed."""
    ring = _rings.get(backend.pk)
    if ring is None or ring.version != backend.keys_version:
        ring = _load(backend)
    return ring


def find(kid: str) -> Key | None:
    """The key of that id, whichever backend's; None if there is none. Never fetches from anywhere
    but the database, and asks it about an unknown id once."""
    key = _keys.get(kid)
    if key is None and kid not in _unknown:
        backend = Backend.objects.filter(signing_keys__kid=kid).first()
        if backend is not None:
            # From the ring just read: another thread, with an older one, may take it out again.
            key = next((found for found in _load(backend).keys if found.kid == kid), None)
        if key is None:
            _unknown[kid] = None
            if len(_unknown) > _UNKNOWN_KIDS:
                _unknown.popitem(last=False)
    return key


def open_newest() -> None:
    """Open the newest signing key of this installation, if there is any: from the database, as a
    process does that has just started.

    Raises DecryptionFailed where none of the root secrets is the one that sealed it.
    """
    row = SigningKey.objects.filter(revoked_at=None).order_by("-pk").first()
    if row is not None:
        _prepare(row, "")


def forget() -> None:
    """Drop everything held in memory. For tests, whose databases come and go."""
    _rings.clear()
    _keys.clear()
    _unknown.clear()


def _load(backend: Backend) -> Ring:
    rows = SigningKey.objects.filter(backend=backend, revoked_at=None)
    rows = rows.order_by("-activates_at", "-pk")  # of those that begin together, the last made
    keys = tuple(_prepare(row, backend.ref) for row in rows)
    ring = Ring(backend.keys_version, keys)
    _keys.update({key.kid: key for key in keys})
    # Only what is gone is taken out: another thread may be looking for a key that stays.
    for gone in {key.kid for key in _rings.get(backend.pk, Ring(0, ())).keys} - {
        key.kid for key in keys
    }:
        _keys.pop(gone, None)
    _rings[backend.pk] = ring
    return ring


def _prepare(row: SigningKey, ref: str) -> Key:
    der = settings.keychain.decrypt(PURPOSE, bytes(row.secret), bound_to=row.kid.encode())
    private = load_der_private_key(der, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise DecryptionFailed
    return Key(
        kid=row.kid,
        backend_id=row.backend_id,
        backend_ref=ref,
        private=private,
        public=private.public_key(),
        activates_at=row.activates_at,
        expires_at=row.expires_at,
    )
