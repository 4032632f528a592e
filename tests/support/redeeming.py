"""Redeeming what was mailed, below HTTP, and what is written of a refusal."""

from __future__ import annotations

from typing import Any

from lingauth.core.errors import DomainError
from lingauth.models import Account, Backend
from lingauth.services import redemption
from lingauth.services.context import Actor
from tests.support import acts
from tests.support.events import CLIENT

BY_CODE = "Token has expired or is invalid"
BY_LINK = "Email link is invalid or has expired"


def by_code(backend: Backend, code: object, type: object = "magiclink", email: str = "") -> Any:
    email = email or "ANN@example.com"
    return redemption.with_code(backend=backend, type=type, email=email, code=code, client=CLIENT)


def by_link(backend: Backend, token: object, type: object = "magiclink", **how: Any) -> Any:
    return redemption.with_link(backend=backend, type=type, token=token, client=CLIENT, **how)


def refusal(backend: Backend, reason: str, account: Account | None = None) -> dict[str, Any]:
    """The event of one."""
    return acts.event(
        "mail_code_refused",
        backend=backend,
        actor=Actor("account", str(account.uuid)) if account else Actor("anonymous"),
        account=account,
        result="refused",
        reason=reason,
    )


def told(error: DomainError) -> tuple[str, int, str, object]:
    return error.code, error.status, error.message, error.details
