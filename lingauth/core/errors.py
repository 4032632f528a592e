"""Domain errors. Each carries its wire code, its sentence and its HTTP status.

The codes are the vocabulary of the published auth clients where one exists: one vocabulary, and so
one file.
A service raises one of these after its transaction was committed, never inside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """Something the caller asked for that is refused.

    ``code`` is for programs, ``message`` for people, ``hint`` says what to do next.
    ``retry_after`` is in whole seconds. ``challenge`` is the value of ``WWW-Authenticate``.
    """

    code = "unexpected_failure"
    message = "Something went wrong."
    status = 400
    challenge: str | None = None

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        status: int | None = None,
        hint: str | None = None,
        details: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
        challenge: str | None = None,
    ) -> None:
        self.code = code or self.code
        self.message = message or self.message
        self.status = status or self.status
        self.hint = hint
        self.details: Any = dict(details) if details else None
        self.retry_after = retry_after
        self.challenge = challenge or self.challenge
        super().__init__(self.message)


class ValidationFailed(DomainError):
    code, status = "validation_failed", 400
    message = "The request is not valid."


class NotFound(DomainError):
    code, status = "not_found", 404
    message = "There is nothing at this address."


class Conflict(DomainError):
    code, status = "conflict", 409
    message = "Somebody else changed this meanwhile."


class Unavailable(DomainError):
    """Trouble that passes. Clients keep their session on a 503, and drop it on a 4xx."""

    code, status = "unavailable", 503
    message = "The service is busy. Try again in a moment."

    def __init__(self, message: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(message, retry_after=retry_after)


class InvalidCredentials(DomainError):
    code, status = "invalid_credentials", 400
    message = "Invalid login credentials"


class EmailNotConfirmed(DomainError):
    code, status = "email_not_confirmed", 400
    message = "Email not confirmed"


class AccountBanned(DomainError):
    code, status = "user_banned", 403
    message = "User is banned"


class AccountExists(DomainError):
    code, status = "user_already_exists", 422
    message = "User already registered"


class EmailExists(DomainError):
    """Only for those who may know: the backend's own servers, and where nothing can hide it."""

    code, status = "email_exists", 422
    message = "A user with this email address has already been registered"


class AccountNotFound(DomainError):
    code, status = "user_not_found", 404
    message = "User not found"


class NotAdmin(DomainError):
    """Credentials that are good, and not a service key's."""

    code, status = "not_admin", 403
    challenge = 'Bearer error="insufficient_scope"'
    message = "User not allowed"


class SignupDisabled(DomainError):
    code, status = "signup_disabled", 422
    message = "Signups not allowed for this instance"


class WeakPassword(DomainError):
    """``reasons`` are the clients' words: ``length``, ``pwned`` (a common one), ``characters``."""

    code, status = "weak_password", 422

    def __init__(self, message: str, *, reasons: list[str]) -> None:
        super().__init__(message, details={"reasons": reasons})
        self.reasons = reasons


class SamePassword(DomainError):
    code, status = "same_password", 422
    message = "New password should be different from the old password."


class ReauthenticationNeeded(DomainError):
    code, status = "reauthentication_needed", 400
    message = "Give the current password, or sign in again, to change this."


class CurrentPasswordInvalid(DomainError):
    code, status = "current_password_invalid", 400
    message = "The current password is not right."


class TooManyAttempts(DomainError):
    """Guesses are locked. The answer is the same for a right and a wrong guess.

    ``disabled``: no wait helps, only a reset or, for codes, a recovery code. ``of_network``: it is
    where the guesses come from that has to wait, not what they are aimed at.
    """

    code, status = "over_request_rate_limit", 429
    message = "Too many attempts. Try again later."

    def __init__(
        self,
        *,
        retry_after: int,
        code: str | None = None,
        disabled: bool = False,
        of_network: bool = False,
    ) -> None:
        details = {"disabled": True} if disabled else None
        super().__init__(code=code, retry_after=retry_after, details=details)
        self.disabled = disabled
        self.of_network = of_network


class NoAuthorization(DomainError):
    code, status, challenge = "no_authorization", 401, "Bearer"
    message = "This endpoint requires a valid Bearer token"


class NoApiKey(DomainError):
    code, status, challenge = "no_api_key", 401, "Bearer"
    message = "No API key was given."


class InvalidApiKey(DomainError):
    code, status = "invalid_api_key", 401
    challenge = 'Bearer error="invalid_token"'
    message = "This API key is not one of this backend's."


class InvalidRequest(DomainError):
    """Credentials that contradict each other (RFC 6750 section 3.1)."""

    code, status = "invalid_request", 400
    challenge = 'Bearer error="invalid_request"'
    message = "The credentials of this request are ambiguous."


class BadToken(DomainError):
    """An access token that cannot be read or trusted."""

    code, status = "bad_jwt", 403
    challenge = 'Bearer error="invalid_token"'
    message = "invalid JWT: unable to parse or verify signature"


class MalformedAuthorization(BadToken):
    """An ``Authorization`` that is no bearer token: refused like a bad one, told like none."""

    code, status, challenge = "no_authorization", 401, "Bearer"
    message = NoAuthorization.message


class SessionGone(DomainError):
    code, status = "session_not_found", 403
    challenge = 'Bearer error="invalid_token"'
    message = "Session from session_id claim in JWT does not exist"


class RefreshRefused(DomainError):
    """A refresh token that gets no child. ``code`` says why, in the clients' vocabulary."""

    code, status = "refresh_token_not_found", 400
    message = "Invalid Refresh Token: Refresh Token Not Found"


class InsufficientLevel(DomainError):
    code, status = "insufficient_aal", 403
    challenge = 'Bearer error="insufficient_user_authentication", acr_values="aal2"'
    message = "AAL2 required"


class MfaRequired(DomainError):
    """The gate's refusal (RFC 9470 section 3; 403, because a refresh cannot help)."""

    code, status = "mfa_required", 403
    challenge = 'Bearer error="insufficient_user_authentication", acr_values="aal2"'
    message = "This backend requires two-step verification."


class FactorNotFound(DomainError):
    code, status = "mfa_factor_not_found", 404
    message = "Factor not found"


class CodeRefused(DomainError):
    """A wrong, old or used code. ``reused``: it was right, and is spent. ``late``: it was right a
    few minutes ago, which speaks of a clock that runs behind."""

    code, status = "mfa_verification_failed", 422
    message = "Invalid TOTP code entered"

    def __init__(
        self, message: str | None = None, *, reused: bool = False, late: bool = False
    ) -> None:
        told = {name: True for name, is_so in (("reused", reused), ("late", late)) if is_so}
        super().__init__(message, details=told)
        self.reused, self.late = reused, late


class ChallengeExpired(DomainError):
    code, status = "mfa_challenge_expired", 422
    message = (
        "MFA challenge has expired, verify against another challenge or create a new challenge."
    )


class FactorNameTaken(DomainError):
    code, status = "mfa_factor_name_conflict", 422
    message = "A factor with this name already exists."


class TooManyFactors(DomainError):
    code, status = "too_many_enrolled_mfa_factors", 422
    message = "Maximum number of factors reached. Remove one to add another."


class FactorExists(DomainError):
    code, status = "mfa_verified_factor_exists", 422
    message = "Recovery codes exist already. Regenerate them for a new set."


class SoleFactor(DomainError):
    code, status = "mfa_recovery_codes_sole_factor", 422
    message = "Recovery codes cannot be the only factor."
