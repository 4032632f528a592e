"""The refusals as programs see them: codes, statuses, sentences and challenges, written by hand.

The published clients decide by these. A class that is not in the table is red, too.
"""

from __future__ import annotations

import pytest

from lingauth.core import errors
from lingauth.core.errors import DomainError

pytestmark = pytest.mark.once

INVALID_TOKEN = 'Bearer error="invalid_token"'
STEP_UP = 'Bearer error="insufficient_user_authentication", acr_values="aal2"'
TABLE: dict[type[DomainError], tuple[str, int, str, str | None]] = {
    DomainError: ("unexpected_failure", 400, "Something went wrong.", None),
    errors.ValidationFailed: ("validation_failed", 400, "The request is not valid.", None),
    errors.NotFound: ("not_found", 404, "There is nothing at this address.", None),
    errors.Conflict: ("conflict", 409, "Somebody else changed this meanwhile.", None),
    errors.Unavailable: ("unavailable", 503, "The service is busy. Try again in a moment.", None),
    errors.InvalidCredentials: ("invalid_credentials", 400, "Invalid login credentials", None),
    errors.EmailNotConfirmed: ("email_not_confirmed", 400, "Email not confirmed", None),
    errors.AccountBanned: ("user_banned", 403, "User is banned", None),
    errors.AccountExists: ("user_already_exists", 422, "User already registered", None),
    errors.EmailExists: (
        "email_exists", 422, "A user with this email address has already been registered", None,
    ),
    errors.AccountNotFound: ("user_not_found", 404, "User not found", None),
    errors.NotAdmin: ("not_admin", 403, "User not allowed", 'Bearer error="insufficient_scope"'),
    errors.SignupDisabled: ("signup_disabled", 422, "Signups not allowed for this instance", None),
    errors.WeakPassword: ("weak_password", 422, "Something went wrong.", None),
    errors.SamePassword: (
        "same_password", 422, "New password should be different from the old password.", None,
    ),
    errors.ReauthenticationNeeded: (
        "reauthentication_needed", 400,
        "Give the current password, or sign in again, to change this.", None,
    ),
    errors.CurrentPasswordInvalid: (
        "current_password_invalid", 400, "The current password is not right.", None,
    ),
    errors.TooManyAttempts: (
        "over_request_rate_limit", 429, "Too many attempts. Try again later.", None,
    ),
    errors.NoAuthorization: (
        "no_authorization", 401, "This endpoint requires a valid Bearer token", "Bearer",
    ),
    errors.NoApiKey: ("no_api_key", 401, "No API key was given.", "Bearer"),
    errors.InvalidApiKey: (
        "invalid_api_key", 401, "This API key is not one of this backend's.", INVALID_TOKEN,
    ),
    errors.InvalidRequest: (
        "invalid_request", 400, "The credentials of this request are ambiguous.",
        'Bearer error="invalid_request"',
    ),
    errors.BadToken: (
        "bad_jwt", 403, "invalid JWT: unable to parse or verify signature", INVALID_TOKEN,
    ),
    errors.MalformedAuthorization: (
        "no_authorization", 401, "This endpoint requires a valid Bearer token", "Bearer",
    ),
    errors.SessionGone: (
        "session_not_found", 403, "Session from session_id claim in JWT does not exist",
        INVALID_TOKEN,
    ),
    errors.RefreshRefused: (
        "refresh_token_not_found", 400, "Invalid Refresh Token: Refresh Token Not Found", None,
    ),
    errors.InsufficientLevel: ("insufficient_aal", 403, "AAL2 required", STEP_UP),
    errors.MfaRequired: (
        "mfa_required", 403, "This backend requires two-step verification.", STEP_UP,
    ),
    errors.FactorNotFound: ("mfa_factor_not_found", 404, "Factor not found", None),
    errors.CodeRefused: ("mfa_verification_failed", 422, "Invalid TOTP code entered", None),
    errors.ChallengeExpired: (
        "mfa_challenge_expired", 422,
        "MFA challenge has expired, verify against another challenge or create a new challenge.",
        None,
    ),
    errors.FactorNameTaken: (
        "mfa_factor_name_conflict", 422, "A factor with this name already exists.", None,
    ),
    errors.TooManyFactors: (
        "too_many_enrolled_mfa_factors", 422,
        "Maximum number of factors reached. Remove one to add another.", None,
    ),
    errors.FactorExists: (
        "mfa_verified_factor_exists", 422,
        "Recovery codes exist already. Regenerate them for a new set.", None,
    ),
    errors.SoleFactor: (
        "mfa_recovery_codes_sole_factor", 422, "Recovery codes cannot be the only factor.", None,
    ),
}  # fmt: skip


def told(error: DomainError) -> tuple[str, int, str, str | None]:
    return error.code, error.status, error.message, error.challenge


def test_every_refusal_is_in_the_table() -> None:
    own = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    assert {kind for kind in own if issubclass(kind, DomainError)} == set(TABLE)


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_a_refusal_says_what_the_table_has(kind: type[DomainError]) -> None:
    if kind is errors.TooManyAttempts:
        error: DomainError = errors.TooManyAttempts(retry_after=1)
    elif kind is errors.WeakPassword:
        error = errors.WeakPassword("Something went wrong.", reasons=[])
    else:
        error = kind()
    assert told(error) == TABLE[kind]
    assert str(error) == error.message
    assert error.hint is None


def test_a_wrong_code_says_why_only_if_that_is_known() -> None:
    wrong, reused, late = (
        errors.CodeRefused(),
        errors.CodeRefused(reused=True),
        errors.CodeRefused(late=True),
    )
    assert [(error.reused, error.late) for error in (wrong, reused, late)] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert (reused.details, late.details) == ({"reused": True}, {"late": True})
    assert not wrong.details


def test_one_refusal_may_be_told_in_other_words() -> None:
    error = errors.NotAdmin(
        "Not today.",
        code="closed",
        status=409,
        hint="Come tomorrow.",
        details={"until": 5},
        retry_after=7,
        challenge="Basic",
    )
    assert told(error) == ("closed", 409, "Not today.", "Basic")
    assert str(error) == "Not today."
    assert (error.hint, error.details, error.retry_after) == ("Come tomorrow.", {"until": 5}, 7)
    assert told(errors.NotAdmin()) == TABLE[errors.NotAdmin]


def test_without_details_and_a_wait_it_has_none() -> None:
    error = errors.NotFound()
    assert (error.details, error.retry_after) == (None, None)
    assert errors.NotFound(details={}).details is None


def test_what_is_unavailable_says_when_to_come_again() -> None:
    assert errors.Unavailable().retry_after == 1
    error = errors.Unavailable("The provider is down.", retry_after=30)
    assert (error.message, error.retry_after) == ("The provider is down.", 30)


def test_a_weak_password_is_told_why() -> None:
    error = errors.WeakPassword("Too short.", reasons=["length", "characters"])
    assert told(error) == ("weak_password", 422, "Too short.", None)
    assert error.reasons == ["length", "characters"]
    assert error.details == {"reasons": ["length", "characters"]}


def test_a_lock_says_how_long_it_holds_and_whether_waiting_helps() -> None:
    error = errors.TooManyAttempts(retry_after=900)
    assert (error.retry_after, error.details) == (900, None)
    assert (error.disabled, error.of_network) == (False, False)
    error = errors.TooManyAttempts(retry_after=5, code="mfa_locked", disabled=True, of_network=True)
    assert (error.code, error.details) == ("mfa_locked", {"disabled": True})
    assert (error.disabled, error.of_network) == (True, True)


@pytest.mark.parametrize(
    ("reused", "late", "details"),
    [
        (False, False, None),
        (True, False, {"reused": True}),
        (False, True, {"late": True}),
        (True, True, {"reused": True, "late": True}),
    ],
)
def test_a_refused_code_says_if_it_was_a_right_one(
    reused: bool, late: bool, details: dict[str, bool] | None
) -> None:
    error = errors.CodeRefused("No.", reused=reused, late=late)
    assert told(error) == ("mfa_verification_failed", 422, "No.", None)
    assert (error.details, error.reused, error.late) == (details, reused, late)
