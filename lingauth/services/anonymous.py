"""Signing in without being anybody: a session to begin with, an account to keep."""

from __future__ import annotations

from uuid import uuid4

from django.db import transaction

from lingauth.conf import settings
from lingauth.core import clock
from lingauth.core.assurance import Method
from lingauth.core.errors import DomainError, SignupDisabled
from lingauth.core.rates import Rate
from lingauth.models import Account, Backend, RateLimit
from lingauth.services import events, new_account, rates, signin, users
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.grants import Grant


def sign_in(*, backend: Backend, data: object = None, client: ClientInfo) -> Grant:
    """An account without an address or a password, and its session. It becomes a full account once
    an address of its own is confirmed.

    Raises SignupDisabled, ValidationFailed, and DomainError ``anonymous_provider_disabled`` or
    ``over_request_rate_limit``: as many an hour from one network as mails.
    """
    if not backend.anonymous_enabled:
        raise DomainError(
            "Anonymous sign-ins are disabled", code="anonymous_provider_disabled", status=422
        )
    if not backend.signup_enabled:
        raise SignupDisabled
    metadata = new_account.merged({}, data)
    now = clock.now()
    _claim(backend, client)
    uuid = uuid4()
    account = Account(
        uuid=uuid,
        backend=backend,
        email="",
        email_key=str(uuid),
        is_anonymous=True,
        user_metadata=metadata,
        created_at=now,
        updated_at=now,
    )
    with transaction.atomic(durable=True):
        account.user = users.make_user(backend=backend, account_uuid=uuid, email="", password=None)
        account.save(force_insert=True)
        events.record(Kind.SIGNED_UP, backend_id=backend.pk, client=client, account=account)
    return signin.start(
        backend, account, method=Method.ANONYMOUS, client=client, now=now, identities=[]
    )


def _claim(backend: Backend, client: ClientInfo) -> None:
    """Rows for nobody are cheap to ask for, so there are not many of them from one place."""
    place = rates.network(client.ip) if client.ip else ""
    rate = Rate(rates.key_of(backend, "anonymous", place), settings.MAILS_PER_IP)
    if not RateLimit.objects.claim(rate, backend_id=backend.pk, now=clock.now()):
        raise DomainError(
            "Request rate limit reached",
            code="over_request_rate_limit",
            status=429,
            retry_after=3600,
        )
