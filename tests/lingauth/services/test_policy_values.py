"""What a setting may be, each to its boundary, and the sentence for what it may not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lingauth.core.errors import ValidationFailed
from lingauth.models import Backend
from lingauth.services import policy
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db

DAY, MONTH = 86400, 30 * 86400
BOUNDS = {
    "password_min_length": (8, 64),
    "access_token_ttl": (120, 3600),
    "refresh_reuse_grace": (0, 60),
    "session_max_age": (3600, MONTH),
    "aal2_max_age": (300, MONTH),
    "aal2_max_idle": (300, MONTH),
    "mail_cooldown": (0, 3600),
    "mails_per_hour": (1, 1000),
    "session_max_idle": (0, MONTH),
    "mfa_grace": (0, 90 * DAY),
}
SWITCHES = (
    "auto_confirm", "signup_enabled", "single_session", "one_step_links", "mail_sign_in_enabled",
    "anonymous_enabled", "manual_linking_enabled", "secure_email_change",
)  # fmt: skip


@pytest.fixture
def backend() -> Backend:
    return new_backend().backend


def refusal(backend: Backend, **changes: Any) -> str:
    with pytest.raises(ValidationFailed) as refused:
        policy.validate(backend=backend, changes=changes)
    assert refused.value.__cause__ is None
    return str(refused.value)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_number_has_bounds(backend: Backend, name: str) -> None:
    least, most = BOUNDS[name]
    for value in (least, most):
        assert policy.validate(backend=backend, changes={name: value}) == {name: value}
    for bad in (least - 1, most + 1, "x", None):
        assert refusal(backend, **{name: bad}).startswith(f"{name}: ")


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_is_on_or_off(backend: Backend, name: str) -> None:
    for value in (True, False):
        assert policy.validate(backend=backend, changes={name: value}) == {name: value}
    assert refusal(backend, **{name: "maybe"}).startswith(f"{name}: ")


def test_there_are_no_others(backend: Backend) -> None:
    others = {"token_claims", "site_url", "redirect_urls", "mfa_mode", "mfa_starts_at"}
    assert {*BOUNDS, *SWITCHES, *others} == set(policy.SETTINGS)
    for name in ("policy_version", "ref", "name", "mfa_grace_from", "old_hashes", ""):
        sentence = refusal(backend, **{name: 1})
        assert sentence == f"There is no setting {name!r}. There are: {', '.join(policy.SETTINGS)}."
    assert ", access_token_ttl, token_claims, " in sentence


def test_nothing_is_no_change(backend: Backend) -> None:
    assert refusal(backend) == "Nothing was given to change."


@pytest.mark.parametrize("mode", ["optional", "observe", "required"])
def test_modes(backend: Backend, mode: str) -> None:
    assert policy.validate(backend=backend, changes={"mfa_mode": mode}) == {"mfa_mode": mode}


def test_no_mode(backend: Backend) -> None:
    assert refusal(backend, mfa_mode="always") == "mfa_mode: Value 'always' is not a valid choice."


CLAIMS = ["email", "phone", "app_metadata", "user_metadata"]


@pytest.mark.parametrize("value", [[], ["email"], CLAIMS])
def test_claims(backend: Backend, value: list[str]) -> None:
    changes = {"token_claims": value}
    assert policy.validate(backend=backend, changes=changes) == changes


@pytest.mark.parametrize("value", ["email", ["password"], ["email", "sub"], None, {"email": 1}])
def test_no_claims(backend: Backend, value: object) -> None:
    assert refusal(backend, token_claims=value) == (
        "token_claims: A list of any of: email, phone, app_metadata, user_metadata."
    )


def test_a_time_has_a_zone(backend: Backend) -> None:
    nine = datetime(2026, 12, 1, 9, tzinfo=UTC)
    for value in (nine, "2026-12-01T09:00:00Z", "2026-12-01T10:00:00+01:00"):
        assert policy.validate(backend=backend, changes={"mfa_starts_at": value}) == {
            "mfa_starts_at": nine
        }
    assert policy.validate(backend=backend, changes={"mfa_starts_at": None}) == {
        "mfa_starts_at": None
    }
    for bad in ("tomorrow", "2026-12-01T09:00:00", nine.replace(tzinfo=None),
                  "2026-13-01T09:00:00Z", 7, ""):  # fmt: skip
        assert refusal(backend, mfa_starts_at=bad) == (
            "mfa_starts_at: A time with its zone, such as 2026-12-01T09:00:00Z."
        )


def test_places(backend: Backend) -> None:
    changes = {"site_url": "https://app.example.com", "redirect_urls": ["https://x.example.com/**"]}
    assert policy.validate(backend=backend, changes=changes) == changes
    assert refusal(backend, site_url="https://app.example.com/*") == (
        "site_url: An address such as https://app.example.com, without * and #."
    )
    assert refusal(backend, redirect_urls="https://x.example.com/**") == (
        "redirect_urls: A list of patterns such as https://app.example.com/**."
    )
    assert refusal(backend, site_url=7) == "site_url: An address such as https://app.example.com."


def test_an_app_has_time_to_refresh_before_a_session_counts_as_idle(backend: Backend) -> None:
    """The pause is at least twice the life of an access token, which is 300 seconds at first."""
    sentence = (
        ": The longest pause has to be at least twice the life of an access token, "
        "or people would be signed out while they work."
    )
    for good in (0, 600):
        policy.validate(backend=backend, changes={"session_max_idle": good})
    for bad in (1, 599):
        assert refusal(backend, session_max_idle=bad) == f"session_max_idle{sentence}"
    Backend.objects.update(session_max_idle=600)
    backend.refresh_from_db()
    policy.validate(backend=backend, changes={"access_token_ttl": 300})
    assert refusal(backend, access_token_ttl=301) == f"access_token_ttl{sentence}"
    both = {"access_token_ttl": 301, "session_max_idle": 602}
    assert policy.validate(backend=backend, changes=both) == both
    assert refusal(backend, access_token_ttl=302, session_max_idle=603).startswith(
        "session_max_idle: "
    )


def test_settings_that_never_fitted_do_not_stand_in_the_way_of_others(backend: Backend) -> None:
    Backend.objects.update(session_max_idle=1)
    backend.refresh_from_db()
    policy.validate(backend=backend, changes={"mails_per_hour": 7})
    assert refusal(backend, access_token_ttl=120).startswith("access_token_ttl: ")
