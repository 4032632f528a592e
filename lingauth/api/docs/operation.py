"""One call of the API as its description tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from lingauth.core.errors import (
    AccountBanned,
    BadToken,
    DomainError,
    InvalidApiKey,
    InvalidRequest,
    NoAuthorization,
    NotAdmin,
    NotFound,
    SessionGone,
    Unavailable,
    ValidationFailed,
)

KEY: dict[str, list[str]] = {"apikey": []}
TOKEN: dict[str, list[str]] = {"bearer": []}
SERVICE_KEY: dict[str, list[str]] = {"service": []}


class Access(Enum):
    """What a call has to present. Where the key is optional, a wrong one is still refused."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    DATA = "data"
    SERVICE = "service"

    @property
    def security(self) -> list[dict[str, list[str]]]:
        """The alternatives, in OpenAPI's form."""
        match self:
            case Access.PUBLIC:
                return [{}, KEY]
            case Access.SIGNED_IN:
                return [TOKEN, KEY | TOKEN]
            case Access.DATA:
                return [KEY, TOKEN, KEY | TOKEN]
            case Access.SERVICE:
                return [SERVICE_KEY, KEY | SERVICE_KEY, KEY]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way to be refused: the status, the code for programs, the sentence for people."""

    status: int
    code: str
    message: str
    challenge: bool = False

    @classmethod
    def of(cls, error: type[DomainError], *, status: int | None = None) -> Refusal:
        """The refusal that an error's class stands for."""
        return cls(status or error.status, error.code, error.message, error.challenge is not None)


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a view. ``answer`` is the serializer of a 200, or None for a bare 204.

    ``redirect`` is the status of an answer that leads a browser on, and ``or_else`` that of some.
    """

    id: str
    tag: str
    summary: str
    description: str
    answer: Any
    access: Access = Access.SIGNED_IN
    body: Any = None
    redirect: int | None = None
    or_else: int | None = None
    parameters: tuple[Any, ...] = ()
    refusals: tuple[type[DomainError] | Refusal, ...] = ()

    @property
    def done(self) -> int:
        """The status of an answer that is no refusal."""
        return self.redirect or (204 if self.answer is None else 200)

    @property
    def all_refusals(self) -> tuple[Refusal, ...]:
        """The operation's own refusals, and those that every call of its kind shares."""
        common: list[type[DomainError]] = [NotFound, InvalidApiKey, Unavailable]
        if self.access in (Access.SIGNED_IN, Access.SERVICE):
            common += [InvalidRequest, NoAuthorization, BadToken, SessionGone, AccountBanned]
        shared = list(BODY) if self.body is not None else []
        every = [*self.refusals, *common, *(SERVICE if self.access is Access.SERVICE else ())]
        own = [r if isinstance(r, Refusal) else Refusal.of(r) for r in every]
        return tuple({(r.status, r.code): r for r in (*own, *shared)}.values())


SERVICE = (
    Refusal.of(NotAdmin),
    Refusal(403, "service_key_in_browser", "A service key must never be in a browser."),
)
BODY = (
    Refusal.of(ValidationFailed),
    Refusal(400, "bad_json", "Could not parse request body as JSON"),
    Refusal(413, "request_entity_too_large", "The request's body is too large."),
    Refusal(415, "unsupported_media_type", "The body is not application/json."),
)
