"""Flows: what an app begins, and trades a one-time code for at the end (RFC 7636)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from lingauth.conf import settings
from lingauth.core import clock
from lingauth.core.assurance import Method
from lingauth.core.crypto import DecryptionFailed
from lingauth.core.errors import AccountBanned, DomainError, ValidationFailed
from lingauth.core.pkce import Pkce
from lingauth.models import Account, Backend, Flow, Session
from lingauth.services import access, signin, stand_ins
from lingauth.services.context import ClientInfo
from lingauth.services.grants import Grant
from lingauth.services.notices import Notice
from lingauth.services.social import linking, presets

CODE_LIFE = timedelta(seconds=60)
LIFE = timedelta(minutes=10)

_EMPTY = "invalid request: both auth code and code verifier should be non-empty"


def begin(
    *,
    backend: Backend,
    provider: str,
    pkce: Pkce | None,
    redirect_to: str,
    now: datetime,
    life: timedelta = LIFE,
    **more: Any,
) -> Flow:
    """Write down that an app set out. ``redirect_to`` was judged before."""
    return Flow.objects.create(
        backend=backend,
        provider=provider,
        challenge=pkce.challenge if pkce else "",
        challenge_method=pkce.method if pkce else "",
        redirect_to=redirect_to,
        created_at=now,
        expires_at=now + life,
        **more,
    )


def issue_code(*, flow: Flow, account: Account, method: Method) -> str:
    """The flow's one code, good for a minute. For the transaction in which the proof is spent.

    Raises DomainError ``flow_state_not_found`` for a flow that has had its code.
    """
    now = clock.now()
    code = str(uuid4())
    issued = Flow.objects.issue(
        flow.pk,
        account=account,
        method=method.value,
        code_digest=_digests(code)[0],
        code_expires_at=now + CODE_LIFE,
    )
    if not issued:
        raise _unknown()
    return code


def exchange(
    *, backend: Backend, auth_code: object, code_verifier: object, client: ClientInfo
) -> Grant:
    """Trade a code and its verifier for a session: a new one, or the one that a step-up has raised.

    A code that comes a second time ends the session which it gave (RFC 9700, 4.5). Raises
    ValidationFailed, AccountBanned, what ``stand_ins.give`` does, and DomainError
    ``flow_state_not_found`` 404, ``flow_state_expired`` 422, ``bad_code_verifier`` 400.
    """
    if not isinstance(code_verifier, str) or not code_verifier:
        raise ValidationFailed(_EMPTY)
    flow = _of_code(backend, auth_code)
    if not flow.challenge or not Pkce(flow.challenge, flow.challenge_method).matches(code_verifier):
        raise DomainError(
            "code challenge does not match previously saved code verifier",
            code="bad_code_verifier",
        )
    if flow.provider == stand_ins.STEP_UP:
        return stand_ins.give(flow, client)
    return _finish(backend, flow, client)


def exchange_here(
    *, backend: Backend, auth_code: object, browser_digests: list[str], client: ClientInfo
) -> Grant:
    """The same for a flow that one of our own pages began, in the browser that began it."""
    flow = _of_code(backend, auth_code)
    if flow.challenge or not flow.browser_digest or flow.browser_digest not in browser_digests:
        raise _unknown()
    return _finish(backend, flow, client)


def seal(flow_id: object, values: Mapping[str, Any]) -> bytes:
    """Values to keep in ``Flow.private``, encrypted and bound to the flow."""
    plain = json.dumps(values).encode()
    return settings.keychain.encrypt("flow", plain, bound_to=str(flow_id).encode())


def unseal(flow: Flow) -> dict[str, Any]:
    """What was sealed; nothing, if nothing was or its key is gone."""
    if flow.private is None:
        return {}
    try:
        plain = settings.keychain.decrypt(
            "flow", bytes(flow.private), bound_to=str(flow.pk).encode()
        )
    except DecryptionFailed:
        return {}
    values: dict[str, Any] = json.loads(plain)
    return values


def _of_code(backend: Backend, auth_code: object) -> Flow:
    if not isinstance(auth_code, str) or not auth_code:
        raise ValidationFailed(_EMPTY)
    now = clock.now()
    rows = Flow.objects.filter(backend=backend, code_digest__in=_digests(auth_code))
    flow = rows.select_related("account__user").first()
    if flow is None or flow.account is None or flow.code_expires_at is None:
        raise _unknown()
    if flow.used_at is not None:
        _end_what_it_began(flow, now)
        raise _unknown()
    if now >= flow.code_expires_at:
        raise DomainError(
            "invalid flow state, flow state has expired", code="flow_state_expired", status=422
        )
    flow.backend = flow.account.backend = backend
    if flow.link_to is not None:
        flow.link_to = flow.account
    return flow


def _finish(backend: Backend, flow: Flow, client: ClientInfo) -> Grant:
    account, now = flow.account, clock.now()
    assert account is not None
    if access.is_barred(account, now):
        raise AccountBanned
    method, kept = Method(flow.method), unseal(flow)
    linked = None
    session = signin.new_session(backend, account, method=method, client=client, now=now)

    def spend() -> None:
        nonlocal linked
        Account.objects.hold(account.pk)
        if not Flow.objects.consume(flow.pk, session_id=session.pk, now=now):
            raise _unknown()
        linked = linking.complete(flow, kept.get("profile"), client)

    grant = signin.start(
        backend, account, method=method, client=client, now=now, first=spend, session=session
    )
    if linked is not None:
        linking.tell(Notice.IDENTITY_LINKED, linked, presets.of(flow.provider).label)
    return replace(
        grant,
        provider_token=kept.get("provider_token") or "",
        provider_refresh_token=kept.get("provider_refresh_token") or "",
    )


def _end_what_it_began(flow: Flow, now: datetime) -> None:
    if flow.session_id is None:
        return
    with transaction.atomic(durable=True):
        Session.objects.filter(pk=flow.session_id, account=flow.account).end(
            now=now, reason="code_replayed"
        )


def _digests(code: str) -> list[str]:
    made = settings.keychain.digests("flow code", code.encode("utf-8", "replace"))
    return [digest.hex() for digest in made]


def _unknown() -> DomainError:
    return DomainError(
        "invalid flow state, no valid flow state found", code="flow_state_not_found", status=404
    )
