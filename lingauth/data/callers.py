"""Who asks for rows, as far as row policies care."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """PostgreSQL's words for the three, which the clients know."""

    ANON = "anon"
    ACCOUNT = "authenticated"
    SERVICE = "service_role"


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's reader or writer, at one backend. The account's fields are set for ACCOUNT."""

    role: Role
    backend_id: int
    account_id: int | None = None
    account_uuid: UUID | None = None
