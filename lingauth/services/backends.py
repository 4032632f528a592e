"""Backends and their API keys."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from lingauth.conf import settings
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.models import ApiKey, Backend
from lingauth.services import api_keys, events, keys
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind

RESERVED = frozenset({"sign-in", "sign-out", "set-up", "verify", "theme"})
"""Names a backend cannot have, because the console's own pages have them."""


@dataclass(frozen=True, slots=True)
class NewBackend:
    """A backend with its keys. This is the only time the service key can be read."""

    backend: Backend
    anon_key: str
    service_key: str


def create_backend(
    *,
    ref: str,
    name: str,
    auto_confirm: bool = False,
    actor: Actor,
    client: ClientInfo | None = None,
) -> NewBackend:
    """Make a backend with a signing key and two API keys.

    Raises ValidationFailed for a bad ``ref`` or name, Conflict for a ``ref`` that is taken or that
    is an address of the console's own.
    """
    if ref in RESERVED:
        raise Conflict(f"{ref!r} is an address of the console. Choose another name.")
    backend = Backend(ref=ref, name=name, auto_confirm=auto_confirm)
    try:
        backend.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise ValidationFailed(f"{field}: {messages[0]}") from None
    try:
        with transaction.atomic(durable=True):
            backend.save(force_insert=True)
            keys.add_first(backend)
            anon = api_keys.add(backend, ApiKey.Role.ANON)
            service = api_keys.add(backend, ApiKey.Role.SERVICE)
            events.record(
                Kind.BACKEND_CREATED,
                backend_id=backend.pk,
                client=client or ClientInfo(),
                actor=actor,
                data={"ref": ref, "name": name},
            )
    except IntegrityError:
        raise Conflict(f"There is a backend {ref!r} already.") from None
    return NewBackend(backend, anon.value, service.value)


def get(*, ref: str) -> Backend:
    """The backend of that name. Raises NotFound."""
    backend = Backend.objects.filter(ref=ref).first()
    if backend is None:
        raise NotFound(f"There is no backend {ref!r}.")
    return backend


def base_url(backend: Backend) -> str:
    """What an app gives to its client library, from configuration and never from a request."""
    return f"{settings.SITE_URL}/b/{backend.ref}"


def anon_key(backend: Backend) -> str | None:
    """The anon key to show to developers: the newest that is accepted and stays so."""
    return api_keys.anon_key(backend)
