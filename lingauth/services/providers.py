"""The providers that a backend accepts: kept by its operators, looked up by everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from lingauth.conf import settings
from lingauth.core import places
from lingauth.core.crypto import DecryptionFailed
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.models import Backend, Identity, Provider
from lingauth.services import events
from lingauth.services.backends import base_url
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.social import presets

FIELDS = (
    "label",
    "issuer",
    "client_id",
    "other_client_ids",
    "secret",
    "scopes",
    "trusts_email",
    "is_enabled",
)
"""What an operator may set. ``secret`` is the text; an empty one removes it."""

MAX_PROVIDERS = 20
PURPOSE = "provider secret"
_NOT_ENABLED = "Unsupported provider: provider is not enabled"
_SHARED_TENANTS = ("common", "organizations", "consumers")


def enabled(backend: Backend) -> list[tuple[str, str]]:
    """Name and label of each provider that signs in now, in the order of their labels."""
    rows = Provider.objects.filter(backend=backend, is_enabled=True)
    return list(rows.values_list("name", "label"))


def listed(backend: Backend) -> list[Provider]:
    """All of them, in the order of their labels."""
    return list(Provider.objects.filter(backend=backend))


def get(*, backend: Backend, name: str) -> Provider:
    """Raises NotFound."""
    row = Provider.objects.filter(backend=backend, name=name).first()
    if row is None:
        raise NotFound("There is no such provider.")
    row.backend = backend
    return row


def usable(*, backend: Backend, name: object) -> Provider:
    """The provider an app named. Raises ValidationFailed, in the contract's words."""
    row = None
    if isinstance(name, str) and 0 < len(name) <= 40 and "\x00" not in name:
        row = Provider.objects.filter(backend=backend, name=name).first()
        if row is None and name not in presets.PRESETS:
            raise ValidationFailed("Unsupported provider: provider could not be found")
    if row is None or not row.is_enabled:
        raise ValidationFailed(_NOT_ENABLED)
    row.backend = backend
    return row


def callback_url(backend: Backend) -> str:
    """The address to register at a provider. One for all: each answer's issuer is compared."""
    return f"{base_url(backend)}/auth/v1/callback"


def secret_of(provider: Provider) -> str:
    """The client secret; empty if there is none, or its key is gone."""
    if provider.secret is None:
        return ""
    bound_to = binding(provider)
    try:
        return settings.keychain.decrypt(
            PURPOSE, bytes(provider.secret), bound_to=bound_to
        ).decode()
    except DecryptionFailed:
        return ""


def save(
    *,
    backend: Backend,
    name: str,
    changes: Mapping[str, Any],
    actor: Actor,
    client: ClientInfo | None = None,
) -> Provider:
    """Add a provider, or change one. What ``changes`` does not name stays as it is or is the
    preset's.

    Raises ValidationFailed with a sentence. The issuer stays once identities have come from it:
    those are its subjects, and nobody else's.
    """
    if unknown := sorted(changes.keys() - set(FIELDS)):
        raise ValidationFailed(f"A provider has no {unknown[0]!r}. It has: {', '.join(FIELDS)}.")
    row = Provider.objects.filter(backend=backend, name=name).first() or _draft(backend, name)
    before = row.issuer
    for field, value in changes.items():
        if field == "secret":
            row.secret = _sealed(row, value) if value else None
        else:
            setattr(row, field, value)
    _check(row)
    if row.pk is not None and before != row.issuer and _has_identities(row):
        raise ValidationFailed(
            "issuer: people have signed in from the present one. Add the other under another name."
        )
    try:
        with transaction.atomic(durable=True):
            row.save()
            told = {"provider": name, "set": sorted(changes), "is_enabled": row.is_enabled}
            _record(backend, actor, client, told)
    except IntegrityError:
        raise Conflict("Somebody else added this provider meanwhile.") from None
    return row


def remove(*, backend: Backend, name: str, actor: Actor, client: ClientInfo | None = None) -> None:
    """Remove a provider. Identities stay, and work again if it comes back with the same issuer.

    Raises NotFound.
    """
    row = get(backend=backend, name=name)
    with transaction.atomic(durable=True):
        row.delete()
        _record(backend, actor, client, {"provider": name, "removed": True})


def _draft(backend: Backend, name: str) -> Provider:
    if Provider.objects.filter(backend=backend).count() >= MAX_PROVIDERS:
        raise ValidationFailed(f"A backend has at most {MAX_PROVIDERS} providers.")
    if name in presets.RESERVED:
        raise ValidationFailed(f"{name!r} cannot be the name of a provider.")
    preset = presets.of(name)
    return Provider(
        backend=backend,
        name=name,
        kind=preset.kind,
        label=preset.label,
        issuer=preset.issuer,
        scopes=preset.scopes,
    )


def _check(row: Provider) -> None:
    clients = row.other_client_ids
    if not isinstance(clients, list) or not all(isinstance(c, str) and c for c in clients):
        raise ValidationFailed("other_client_ids: a list of client ids.")
    if row.issuer or row.kind == Provider.Kind.OIDC:
        _check_issuer(row)
    try:
        row.clean_fields(exclude=("issuer",))
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise ValidationFailed(f"{field}: {messages[0]}") from None
    if "openid" not in row.scopes.split() and row.kind == Provider.Kind.OIDC:
        raise ValidationFailed("scopes: openid has to be among them.")


def _check_issuer(row: Provider) -> None:
    """One issuer, written as in its ID tokens (OpenID Connect Core section 2)."""
    place = places.parse(row.issuer)
    if place is None or not place.is_web or "?" in row.issuer or "#" in row.issuer:
        hint = presets.of(row.name).issuer_hint or "https://sso.example.com"
        raise ValidationFailed(f"issuer: an address such as {hint}.")
    if len(row.issuer) > 300:
        raise ValidationFailed("issuer: at most 300 characters.")
    if place.scheme != "https" and not settings.PROVIDER_PRIVATE_NETWORKS:
        raise ValidationFailed("issuer: its address begins with https://.")
    tenant = place.rest.strip("/").partition("/")[0]
    if place.host == "login.microsoftonline.com" and tenant in _SHARED_TENANTS:
        raise ValidationFailed(
            "issuer: your own tenant's. In a shared one anybody can claim any address."
        )


def _has_identities(row: Provider) -> bool:
    return Identity.objects.filter(backend_id=row.backend_id, provider=row.name).exists()


def _sealed(row: Provider, secret: object) -> bytes:
    if not isinstance(secret, str) or len(secret) > 4000:
        raise ValidationFailed("secret: at most 4000 characters.")
    bound_to = binding(row)
    return settings.keychain.encrypt(PURPOSE, secret.encode(), bound_to=bound_to)


def binding(provider: Provider) -> bytes:
    """What its ciphertext is bound to."""
    return f"{provider.backend_id}\n{provider.name}".encode()


def _record(
    backend: Backend, actor: Actor, client: ClientInfo | None, data: Mapping[str, Any]
) -> None:
    events.record(
        Kind.PROVIDER_CHANGED,
        backend_id=backend.pk,
        client=client or ClientInfo(),
        actor=actor,
        data=data,
    )
