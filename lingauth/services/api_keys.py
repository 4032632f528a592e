"""API keys: making, replacing, revoking, and noting when one was last used."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from django.db import DatabaseError, transaction

from lingauth.core import clock
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.models import ApiKey, Backend
from lingauth.services import events
from lingauth.services.access import key_digest
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind

OVERLAP = timedelta(hours=24)
"""How long a replaced key goes on working, unless told otherwise."""
LONGEST_OVERLAP = timedelta(days=90)

TOUCH_EVERY = timedelta(minutes=5)
"""How exact ``last_used_at`` is: a busy key costs one write in this time, and no request more."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. Of a service key, this is the only time ``value`` can be read.

    ``old_works_until`` is the end of the key that it replaces, if it replaces one.
    """

    key: ApiKey
    value: str
    old_works_until: datetime | None = None


def create(
    *,
    backend: Backend,
    role: str,
    label: str = "",
    actor: Actor,
    client: ClientInfo | None = None,
) -> NewKey:
    """Make one more key beside those there are. Raises ValidationFailed for a bad role or label."""
    kind, label = _role(role), _label(label)
    with transaction.atomic(durable=True):
        made = add(backend, kind, label)
        _record(Kind.API_KEY_CREATED, made.key, actor, client)
    return made


def rotate(
    *,
    backend: Backend,
    key_id: int,
    overlap: timedelta = OVERLAP,
    actor: Actor,
    client: ClientInfo | None = None,
) -> NewKey:
    """Make the successor of a key, which itself is accepted for ``overlap`` longer (0: no longer).

    Raises NotFound for a key that is not the backend's or is not accepted any more, Conflict for
    one that was replaced already, ValidationFailed for an overlap beyond 90 days.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise ValidationFailed("The overlap is at most 90 days.")
    old = get(backend=backend, key_id=key_id)
    ends_at = clock.now() + overlap
    with transaction.atomic(durable=True):
        retired = ApiKey.objects.retire(old.pk, backend_id=backend.pk, ends_at=ends_at)
        if retired:
            made = add(backend, ApiKey.Role(old.role), old.label)
            data = {"replaces": old.hint, "replaced_id": old.pk, "ends_at": ends_at.isoformat()}
            _record(Kind.API_KEY_CREATED, made.key, actor, client, data)
    if not retired:
        raise Conflict("This key was replaced already.")
    return replace(made, old_works_until=ends_at)


def revoke(
    *, backend: Backend, key_id: int, actor: Actor, client: ClientInfo | None = None
) -> ApiKey:
    """Refuse a key from the next request on, on every node.

    Raises NotFound for a key that is not the backend's or is not accepted any more.
    """
    key, now = get(backend=backend, key_id=key_id), clock.now()
    with transaction.atomic(durable=True):
        revoked = ApiKey.objects.revoke(key.pk, backend_id=backend.pk, now=now)
        if revoked:
            _record(Kind.API_KEY_REVOKED, key, actor, client)
    if not revoked:
        raise _missing()
    key.revoked_at = now
    return key


def list_all(*, backend: Backend) -> list[ApiKey]:
    """The backend's keys, newest first, with those that are not accepted any more."""
    return list(ApiKey.objects.filter(backend=backend).order_by("-created_at", "-pk"))


def get(*, backend: Backend, key_id: int) -> ApiKey:
    """A key that is accepted now. Raises NotFound for any other."""
    key = ApiKey.objects.alive(clock.now()).filter(pk=key_id, backend=backend).first()
    if key is None:
        raise _missing()
    return key


def anon_key(backend: Backend) -> str | None:
    """The newest anon key that is accepted, before one that was replaced; None without any."""
    live = ApiKey.objects.alive(clock.now()).filter(backend=backend, role=ApiKey.Role.ANON)
    newest = sorted(live, key=lambda key: (key.expires_at is None, key.created_at, key.pk))
    return newest[-1].value if newest else None


def touch(key: ApiKey) -> None:
    """Note that a request used this key.

    Costs nothing while the last note is recent. It never fails the request, nor makes it wait for
    another that is noting the same: what is lost then is one note.
    """
    now = clock.now()
    if key.last_used_at is not None and now - key.last_used_at < TOUCH_EVERY:
        return
    # Inside a host's transaction this is a savepoint: an error must not spoil what follows.
    with suppress(DatabaseError), transaction.atomic():
        ApiKey.objects.touch(key.pk, now=now, not_since=now - TOUCH_EVERY)


def add(backend: Backend, role: ApiKey.Role, label: str = "") -> NewKey:
    """A new key's row. For the transaction of whoever writes it down."""
    value = f"lk_{role.value}_{token_urlsafe(32)}"
    key = ApiKey.objects.create(
        backend=backend,
        role=role.value,
        digest=key_digest(value),
        value=value if role is ApiKey.Role.ANON else "",
        hint=f"{value[: len(role.value) + 4]}…{value[-4:]}",
        label=label,
    )
    return NewKey(key, value)


def _missing() -> NotFound:
    return NotFound("This backend has no such API key, or not any more.")


def _role(role: str) -> ApiKey.Role:
    try:
        return ApiKey.Role(role)
    except ValueError:
        raise ValidationFailed("A key's role is anon or service.") from None


def _label(label: str) -> str:
    label = " ".join("".join(c if c.isprintable() else " " for c in label).split())
    longest = ApiKey._meta.get_field("label").max_length
    if longest is not None and len(label) > longest:
        raise ValidationFailed(f"A label has at most {longest} characters.")
    return label


def _record(
    kind: Kind,
    key: ApiKey,
    actor: Actor,
    client: ClientInfo | None,
    more: dict[str, Any] | None = None,
) -> None:
    events.record(
        kind,
        backend_id=key.backend_id,
        client=client or ClientInfo(),
        actor=actor,
        data={"key": key.hint, "key_id": key.pk, "role": key.role, "label": key.label}
        | (more or {}),
    )
