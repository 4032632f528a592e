"""Signing keys: making, rotating, publishing, revoking."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.db import transaction
from django.db.models import Q

from lingauth import keyring, tokens
from lingauth.conf import settings
from lingauth.core import clock
from lingauth.core.errors import NotFound
from lingauth.models import Backend, SigningKey
from lingauth.services import events
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind

JWKS_LIFE = timedelta(seconds=300)
"""How long others may keep our public keys: a new key is published this long before it signs."""
_LONGEST_TOKEN = timedelta(seconds=3600)


class State(StrEnum):
    """What a key is for at this moment."""

    PUBLISHED = "published"
    SIGNS = "signs"
    RETIRING = "retiring"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Standing:
    """A key and its state: known but not signing yet; signing; only verifying; done; distrusted."""

    key: SigningKey
    state: State


def add_first(backend: Backend) -> SigningKey:
    """A backend's first key, active at once. For the transaction that makes the backend."""
    return _add(backend, activates_at=clock.now())


def rotate(
    *, backend: Backend, actor: Actor, client: ClientInfo | None = None, now: bool = False
) -> SigningKey:
    """Add a key that takes over when everybody can know it: in five minutes, or at once if ``now``.

    The keys before it go on verifying until the last token they may sign has expired, so that no
    request fails. One of them that was to begin later does not sign any more.
    """
    activates = clock.now() + (timedelta(0) if now else JWKS_LIFE)
    retire = activates + _LONGEST_TOKEN + JWKS_LIFE + tokens.LEEWAY
    with transaction.atomic(durable=True):
        before = SigningKey.objects.filter(backend=backend)
        before.filter(expires_at=None).update(expires_at=retire)
        # It would take over again, and sign until its end, which its last tokens would not outlive.
        before.filter(activates_at__gt=activates).update(activates_at=activates)
        key = _add(backend, activates_at=activates)
        _announce(backend, key, actor, client, {"activates_at": activates.isoformat()})
    return key


def revoke(
    *, backend: Backend, kid: str, actor: Actor, client: ClientInfo | None = None
) -> SigningKey:
    """Stop trusting a key at once, with every token it signed; a new one signs from now on.

    Raises NotFound for a key that is not the backend's or was revoked before.
    """
    now = clock.now()
    with transaction.atomic(durable=True):
        revoked = SigningKey.objects.filter(backend=backend, kid=kid, revoked_at=None).update(
            revoked_at=now
        )
        if revoked:
            key = _add(backend, activates_at=now)
            _announce(backend, key, actor, client, {"revoked": kid})
    if not revoked:
        raise NotFound("This backend has no such signing key.")
    return key


def list_all(*, backend: Backend) -> list[Standing]:
    """The backend's signing keys, the newest first, and what each is for now."""
    now = clock.now()
    rows = list(SigningKey.objects.filter(backend=backend).order_by("-activates_at", "-pk"))
    usable = [key for key in rows if _verifies(key, now)]
    # As keyring.Ring.signing_key chooses.
    signs = next((key for key in usable if key.activates_at <= now), usable[-1] if usable else None)

    def state(key: SigningKey) -> State:
        if key.revoked_at is not None:
            return State.REVOKED
        if key is signs:
            return State.SIGNS
        if not _verifies(key, now):
            return State.ENDED
        return State.PUBLISHED if key.activates_at > now else State.RETIRING

    return [Standing(key, state(key)) for key in rows]


def jwks(*, backend: Backend) -> dict[str, list[dict[str, Any]]]:
    """The public keys that may verify a token, now or soon (RFC 7517)."""
    usable = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    rows = SigningKey.objects.filter(usable, backend=backend, revoked_at=None)
    return {"keys": [row.public for row in rows]}


def _add(backend: Backend, *, activates_at: datetime) -> SigningKey:
    private, public, kid = _pair()
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey.objects.create(
        backend=backend,
        kid=kid,
        secret=settings.keychain.encrypt(keyring.PURPOSE, der, bound_to=kid.encode()),
        public=public | {"kid": kid, "alg": tokens.ALGORITHM, "use": "sig", "key_ops": ["verify"]},
        activates_at=activates_at,
    )


def _pair() -> tuple[ec.EllipticCurvePrivateKey, dict[str, str], str]:
    """A private key, its public half and its name; one that a shell does not take for an option."""
    while True:
        private = ec.generate_private_key(ec.SECP256R1())
        numbers = private.public_key().public_numbers()
        public = {"kty": "EC", "crv": "P-256", "x": _b64(numbers.x), "y": _b64(numbers.y)}
        if not (kid := _thumbprint(public)).startswith("-"):
            return private, public, kid


def _verifies(key: SigningKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)


def _announce(
    backend: Backend,
    key: SigningKey,
    actor: Actor,
    client: ClientInfo | None,
    data: dict[str, Any],
) -> None:
    Backend.objects.announce_keys(backend.pk)
    events.record(
        Kind.KEYS_ROTATED,
        backend_id=backend.pk,
        client=client or ClientInfo(),
        actor=actor,
        data={"kid": key.kid, **data},
    )


def _b64(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def _thumbprint(public: dict[str, str]) -> str:
    """The key's own name (RFC 7638)."""
    canonical = json.dumps(public, sort_keys=True, separators=(",", ":")).encode()
    return urlsafe_b64encode(sha256(canonical).digest()).rstrip(b"=").decode()
