"""Codes of flows, and trading them for a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lingauth.core import clock
from lingauth.core.assurance import Method
from lingauth.core.errors import DomainError
from lingauth.core.pkce import Pkce, s256
from lingauth.models import Flow
from lingauth.services import flows
from lingauth.services.grants import Grant
from tests.support.acts import CLIENT
from tests.support.people import Person

APP, VERIFIER = "https://app.example.com/cb", "a-verifier-of-the-app-that-is-long-enough-01234"
EMPTY = "invalid request: both auth code and code verifier should be non-empty"


def begin(person: Person, pkce: bool = True, **more: Any) -> tuple[Flow, str]:
    """A flow, and the code that it has been given."""
    flow = flows.begin(
        backend=person.account.backend,
        provider="corp",
        pkce=Pkce(s256(VERIFIER), "s256") if pkce else None,
        redirect_to=APP,
        now=clock.now(),
        **more,
    )
    return flow, flows.issue_code(flow=flow, account=person.account, method=Method.OAUTH)


def exchange(person: Person, code: object, verifier: object = VERIFIER) -> Grant:
    return flows.exchange(
        backend=person.account.backend, auth_code=code, code_verifier=verifier, client=CLIENT
    )


def here(person: Person, code: object, *digests: str) -> Grant:
    return flows.exchange_here(
        backend=person.account.backend,
        auth_code=code,
        browser_digests=list(digests),
        client=CLIENT,
    )


def refused(act: Callable[[], object], code: str, status: int, message: str) -> None:
    with pytest.raises(DomainError) as error:
        act()
    assert (error.value.code, error.value.status) == (code, status)
    assert error.value.message == message


def unknown(act: Callable[[], object]) -> None:
    message = "invalid flow state, no valid flow state found"
    refused(act, "flow_state_not_found", 404, message)
