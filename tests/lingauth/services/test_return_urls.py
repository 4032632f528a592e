"""The addresses that apps read outcomes from."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest

from lingauth.core.errors import DomainError
from lingauth.services import return_urls

pytestmark = pytest.mark.once

TARGET = "https://app.example.com/in?keep=1"
EXPIRED = DomainError("Email link is invalid or has expired", code="otp_expired", status=403)
TOLD = {
    "error": "access_denied",
    "error_code": "otp_expired",
    "error_description": "Email link is invalid or has expired",
}


def grant(**more: str) -> Any:
    values: dict[str, Any] = {
        "access_token": "a.b.c",
        "refresh_token": "r",
        "expires_in": 300,
        "expires_at": 1_700_000_300,
        "provider_token": "",
        "provider_refresh_token": "",
    }
    return cast(Any, SimpleNamespace(**values | more))


def fragment(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).fragment, keep_blank_values=True))


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def test_a_session_is_in_the_fragment_only() -> None:
    url = return_urls.of_grant(TARGET, grant(), "magiclink")
    assert url.startswith(f"{TARGET}#")
    assert fragment(url) == {
        "access_token": "a.b.c",
        "expires_at": "1700000300",
        "expires_in": "300",
        "refresh_token": "r",
        "sb": "",
        "token_type": "bearer",
        "type": "magiclink",
    }


def test_a_providers_tokens_come_along_and_no_type() -> None:
    told = fragment(return_urls.of_grant(TARGET, grant(provider_token="p")))
    assert told["provider_token"] == "p"
    assert "provider_refresh_token" not in told
    assert "type" not in told
    told = fragment(return_urls.of_grant(TARGET, grant(provider_refresh_token="r")))
    assert told["provider_refresh_token"] == "r"


def test_a_code_is_in_the_query_and_nothing_in_the_fragment() -> None:
    assert return_urls.of_code(TARGET, "c0de") == "https://app.example.com/in?keep=1&code=c0de"


def test_an_error_is_in_the_fragment() -> None:
    url = return_urls.of_error(TARGET, EXPIRED, pkce=False)
    assert url.startswith(f"{TARGET}#")
    assert fragment(url) == TOLD | {"sb": ""}
    assert "error_description=Email+link+is+invalid+or+has+expired" in url


def test_with_pkce_an_error_is_in_the_query_too() -> None:
    url = return_urls.of_error(TARGET, EXPIRED, pkce=True)
    assert query(url) == TOLD | {"keep": "1"}
    assert fragment(url) == TOLD | {"sb": ""}


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "invalid_request"),
        (401, "unauthorized_client"),
        (403, "access_denied"),
        (422, None),
        (500, "server_error"),
        (503, "temporarily_unavailable"),
    ],
)
def test_the_errors_name_follows_from_its_status(status: int, name: str | None) -> None:
    error = DomainError(code="some", status=status)
    assert fragment(return_urls.of_error(TARGET, error, pkce=False)).get("error") == name


def test_a_message_is_in_the_fragment_or_with_pkce_in_the_query() -> None:
    assert fragment(return_urls.of_message(TARGET, "One & two", pkce=False)) == {
        "message": "One & two",
        "sb": "",
    }
    assert return_urls.of_message(TARGET, "Go", pkce=True) == f"{TARGET}&message=Go"
