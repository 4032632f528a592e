"""Coming back from a provider with an answer that signs nobody in."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.core.errors import DomainError
from lingauth.models import Account, Event, Flow, Provider
from lingauth.services.social import answers, callback
from lingauth.services.social.calls import ProviderTrouble
from lingauth.services.social.idtoken import BadIdToken
from tests.lingauth.services.social.people import events_since
from tests.lingauth.services.social.returning import Corp, query_of
from tests.support import acts

pytestmark = pytest.mark.django_db

ISS = "https://sso.example.com"


@pytest.mark.parametrize(
    ("given", "sends", "code", "status", "message"),
    [
        ({}, True, "bad_oauth_callback", 400, "This answer is of another issuer"),
        ({"iss": "x"}, False, "bad_oauth_callback", 400, "This answer is of another issuer"),
        ({"iss": ""}, False, "bad_oauth_callback", 400, "This answer is of another issuer"),
        ({"error": "access_denied"}, False, "access_denied", 403, "The sign-in was cancelled"),
        (
            {"error": "user_cancelled_login", "iss": ISS}, True,
            "access_denied", 403, "The sign-in was cancelled",
        ),
        (
            {"error": "user_cancelled_authorize"}, False,
            "access_denied", 403, "The sign-in was cancelled",
        ),
        ({"error": "server_error"}, False, "bad_oauth_callback", 400, "The Corp refused"),
        ({"code": ""}, False, "bad_oauth_callback", 400, "OAuth callback without a code"),
        ({"code": None}, False, "bad_oauth_callback", 400, "OAuth callback without a code"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none(
    there: Corp, given: dict[str, Any], sends: bool, code: str, status: int, message: str
) -> None:
    there.sends_issuer = sends
    row = there.provider
    answer = {name: v for name, v in {"code": "c-1", **given}.items() if v is not None}
    with pytest.raises(DomainError) as refused:
        callback._check(row, answer)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert refused.value.message == message
    flow, count = there.leave(), Event.objects.count()
    told = query_of(there.come_back(flow, **given).url)
    assert (told["error_code"], told["error_description"]) == (code, message)
    failed = acts.event("sign_in_failed", backend=there.backend, result="refused")
    nobody = {"actor_kind": "anonymous", "actor_id": ""}
    assert events_since(count) == [failed | nobody | {"data": {"reason": code, "provider": "corp"}}]
    assert there.traded == []
    assert Flow.objects.get().answered_at is not None


@pytest.mark.parametrize("given", [{}, {"error": ""}, {"iss": ISS}, {"iss": ISS, "error": ""}])
def test_an_answer_that_is_one(there: Corp, given: dict[str, str]) -> None:
    there.sends_issuer = "iss" in given
    callback._check(there.provider, {"code": "c-1", **given})


def test_a_provider_that_is_off_meanwhile(there: Corp) -> None:
    flow = there.leave()
    Provider.objects.update(is_enabled=False)
    told = query_of(there.come_back(flow).url)
    assert told == {
        "error": "invalid_request",
        "error_code": "validation_failed",
        "error_description": "Unsupported provider: provider is not enabled",
    }


@pytest.mark.parametrize(
    ("trouble", "error", "code", "message"),
    [
        (
            ProviderTrouble("x"), "temporarily_unavailable",
            "unavailable", "The Corp cannot be reached at the moment.",
        ),
        (
            BadIdToken("x"), "invalid_request",
            "bad_oauth_callback", "What The Corp answered is not valid",
        ),
    ],
    ids=["trouble", "bad"],
)  # fmt: skip
def test_a_code_that_cannot_be_traded(
    there: Corp,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
    error: str,
    code: str,
    message: str,
) -> None:
    def refuse(provider: Provider, **values: Any) -> Any:
        raise trouble

    monkeypatch.setattr(answers, "trade", refuse)
    caplog.set_level("WARNING", "lingauth.social")
    flow = there.leave()
    assert query_of(there.come_back(flow).url) == {
        "error": error,
        "error_code": code,
        "error_description": message,
    }
    assert not Account.objects.exists()
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("lingauth.social", f"Provider corp of acme: {trouble}")
    ]
