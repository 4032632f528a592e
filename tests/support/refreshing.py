"""Trading refresh tokens, below HTTP."""

from __future__ import annotations

from uuid import UUID

from lingauth.services import access, sessions
from lingauth.services.access import Access
from lingauth.services.first_statement import Depth
from lingauth.services.grants import Grant
from tests.support.events import CLIENT


def found(session_id: UUID) -> Access:
    return access.read(ref="acme", session_id=session_id, depth=Depth.WHOLE)


def trade(token: object, key: str | None = None) -> Grant:
    return sessions.refresh(read=found, token=token, idempotency_key=key, client=CLIENT)
