"""What a request turned out to be about, for logs and metrics. Nothing steers by it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from lingauth.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class About:
    """The account and the session, by their public ids."""

    account_uuid: UUID | None = None
    session_id: UUID | None = None


def note(request: HttpRequest, *, account_uuid: UUID, session_id: UUID | None) -> None:
    """Remember whose request this is: of a token whose signature was verified, or just granted."""
    request.lingauth_about = About(account_uuid, session_id)  # type: ignore[attr-defined]  # kept with it


def about(request: HttpRequest) -> About:
    """What is known by now."""
    known: About = getattr(request, "lingauth_about", _NOBODY)
    return known


def refuse(response: HttpResponse, error: DomainError) -> None:
    """Remember the code of the refusal that an answer is."""
    response.lingauth_refusal = error.code  # type: ignore[attr-defined]  # kept with it


def refusal(response: HttpResponse) -> str:
    """That code; empty for an answer that is none, or not one of LingAuth's."""
    code: str = getattr(response, "lingauth_refusal", "")
    return code


_NOBODY = About()
