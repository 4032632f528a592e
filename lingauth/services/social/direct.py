"""Signing in by an ID token that a native app got from the provider itself."""

from __future__ import annotations

from hashlib import sha256

from django.db import transaction

from lingauth.core import clock
from lingauth.core.assurance import Method
from lingauth.core.errors import ValidationFailed
from lingauth.models import Account, Backend, Provider
from lingauth.services import providers, signin, turns
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.grants import Grant
from lingauth.services.notices import Notice
from lingauth.services.social import authorize, decision, idtoken, linking
from lingauth.services.social.calls import ProviderTrouble
from lingauth.services.social.idtoken import BadIdToken
from lingauth.services.social.profile import Profile, of_claims


def with_id_token(
    *,
    backend: Backend,
    provider: object,
    id_token: object,
    nonce: object = None,
    access_token: object = None,
    client: ClientInfo,
    link_to: SignedIn | None = None,
) -> Grant:
    """A session for whom the token names; or, with ``link_to``, that identity for their account.

    The token holds the SHA-256 of ``nonce`` in hex, if the app gave one to the provider, and none
    otherwise. Raises ValidationFailed, Unavailable if the provider's keys cannot be read, and what
    ``decision.account_for`` and ``linking.attach`` do.
    """
    if not isinstance(id_token, str) or not id_token:
        raise ValidationFailed("id_token required")
    row = providers.usable(backend=backend, name=provider)
    if row.kind != Provider.Kind.OIDC:
        raise ValidationFailed("Bad ID token: provider is not enabled for ID tokens")
    if nonce is not None and (not isinstance(nonce, str) or not 0 < len(nonce) <= 500):
        raise ValidationFailed("nonce is a string.")
    now = clock.now()
    try:
        claims = idtoken.verify(
            id_token,
            provider=row,
            clients=(row.client_id, *row.other_client_ids),
            nonce=sha256(nonce.encode()).hexdigest() if nonce is not None else None,
            now=now,
            access_token=access_token if isinstance(access_token, str) else "",
        )
    except ProviderTrouble as trouble:
        raise authorize.unreachable(row, trouble) from None
    except BadIdToken as reason:
        raise ValidationFailed(f"Bad ID token: {reason}") from None
    profile = of_claims(row, claims)
    if link_to is not None:
        account = _link(link_to, row, profile, client)
    else:
        account = decision.account_for(provider=row, profile=profile, client=client)
    return signin.start(backend, account, method=Method.OAUTH, client=client, now=clock.now())


def _link(me: SignedIn, provider: Provider, profile: Profile, client: ClientInfo) -> Account:
    linking.may_change(me, clock.now())
    with transaction.atomic(durable=True):
        me = turns.take(me)
        linking.may_change(me, clock.now())
        linking.attach(me, provider.name, profile, client)
    linking.tell(Notice.IDENTITY_LINKED, me.account, provider.label)
    return me.account
