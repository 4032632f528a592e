"""The calls about factors and recovery codes."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter

from lingauth.api.docs import answers, bodies
from lingauth.api.docs.operation import Operation, Refusal
from lingauth.api.views import factors, recovery, step_up
from lingauth.core.errors import (
    ChallengeExpired,
    CodeRefused,
    FactorExists,
    FactorNameTaken,
    FactorNotFound,
    InsufficientLevel,
    SoleFactor,
    TooManyAttempts,
    TooManyFactors,
    ValidationFailed,
)

FACTORS, CODES = "Two-step verification", "Recovery codes"

_FACTOR = OpenApiParameter(
    "factor_id", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH, description="A factor"
)
_NAME = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=(
        "The key that the client would send with its next refresh. That refresh gets what was made "
        "here, should this answer be lost."
    ),
)
_NOT_AN_ID = Refusal(404, "validation_failed", "factor_id must be an UUID")
_LOCKED = Refusal(429, "mfa_recovery_codes_locked", TooManyAttempts.message)
_RECENT = "Needs `aal2` of the last ten minutes."
_REACHED = (
    "The session is at `aal2` afterwards. The answer has new tokens; the old refresh token is over."
)

SECOND_FACTOR: Final[dict[tuple[type, str], Operation]] = {
    (factors.FactorsView, "POST"): Operation(
        id="enrollFactor",
        tag=FACTORS,
        summary="Begin to set up an authenticator",
        description=(
            "Show the QR code or the secret, then verify a first code within ten minutes. Any "
            "signed-in session may enrol an account's first factor; a further one needs `aal2` of "
            "the last ten minutes. An earlier unfinished set-up of this session is replaced."
        ),
        body=bodies.Enroll,
        answer=answers.Enrollment,
        refusals=(
            InsufficientLevel,
            FactorNameTaken,
            TooManyFactors,
            Refusal(422, "mfa_phone_enroll_not_enabled", "MFA enroll is disabled for phone"),
            Refusal(422, "mfa_webauthn_enroll_not_enabled", "MFA enroll is disabled for webauthn"),
        ),
    ),
    (factors.FactorView, "DELETE"): Operation(
        id="unenrollFactor",
        tag=FACTORS,
        summary="Remove an authenticator",
        description=(
            "An unfinished one of this session goes at once. A verified one needs `aal2` of the "
            "last ten minutes, and every session of the account is at `aal1` afterwards. The last "
            "one stays while there are recovery codes: remove those first."
        ),
        parameters=(_FACTOR,),
        answer=answers.Removed,
        refusals=(
            FactorNotFound,
            _NOT_AN_ID,
            Refusal.of(InsufficientLevel, status=422),
            SoleFactor,
        ),
    ),
    (factors.ChallengeView, "POST"): Operation(
        id="challengeFactor",
        tag=FACTORS,
        summary="Ask for a code",
        description="The first of two calls; `mfa/verify` does it in one. A body is not looked at.",
        parameters=(_FACTOR,),
        answer=answers.Challenge,
        refusals=(FactorNotFound, _NOT_AN_ID, InsufficientLevel),
    ),
    (factors.VerifyView, "POST"): Operation(
        id="verifyFactor",
        tag=FACTORS,
        summary="Answer a challenge with a code",
        description=f"{_REACHED} A code works once, and so does a challenge.",
        body=bodies.Verify,
        parameters=(_FACTOR, _NAME),
        answer=answers.Session,
        refusals=(
            CodeRefused,
            ChallengeExpired,
            FactorNotFound,
            _NOT_AN_ID,
            InsufficientLevel,
            FactorNameTaken,
            TooManyAttempts,
        ),
    ),
    (factors.VerifyAnyView, "POST"): Operation(
        id="verifyMfa",
        tag=FACTORS,
        summary="Verify a code in one call",
        description=(
            f"Against this session's unfinished set-up, or any verified factor. {_REACHED}"
        ),
        body=bodies.Code,
        parameters=(_NAME,),
        answer=answers.Session,
        refusals=(
            CodeRefused,
            FactorNotFound,
            _NOT_AN_ID,
            InsufficientLevel,
            FactorNameTaken,
            TooManyAttempts,
        ),
    ),
    (step_up.StepUpView, "POST"): Operation(
        id="beginStepUp",
        tag=FACTORS,
        summary="Leave the second step to the hosted pages",
        description=(
            "Send the browser to the `url` of the answer, within ten minutes: a person confirms a "
            "code there, or sets up an authenticator first, and comes back to `redirect_to` with "
            "`?code=`. `POST /token?grant_type=pkce` trades that for the session at `aal2`, of the "
            "same account, in place of the one that asked. Who gives up comes back with "
            "`error_code=step_up_cancelled`."
        ),
        body=bodies.StepUp,
        answer=answers.WayToThePages,
        refusals=(ValidationFailed,),
    ),
    (recovery.RecoveryCodesView, "GET"): Operation(
        id="recoveryStatus",
        tag=CODES,
        summary="See how many codes are left",
        description="Never the codes themselves.",
        answer=answers.RecoveryStatus,
        refusals=(FactorNotFound,),
    ),
    (recovery.RecoveryCodesView, "POST"): Operation(
        id="generateRecoveryCodes",
        tag=CODES,
        summary="Make the first set of codes",
        description=f"Shown once. {_RECENT}",
        answer=answers.NewRecoveryCodes,
        refusals=(InsufficientLevel, SoleFactor, FactorExists),
    ),
    (recovery.RecoveryCodesView, "DELETE"): Operation(
        id="deleteRecoveryCodes",
        tag=CODES,
        summary="Remove the codes",
        description=_RECENT,
        answer=answers.Removed,
        refusals=(InsufficientLevel, FactorNotFound),
    ),
    (recovery.RegenerateView, "POST"): Operation(
        id="regenerateRecoveryCodes",
        tag=CODES,
        summary="Make a new set of codes",
        description=f"The old set ends. Shown once. {_RECENT}",
        answer=answers.NewRecoveryCodes,
        refusals=(InsufficientLevel, SoleFactor),
    ),
    (recovery.VerifyRecoveryCodeView, "POST"): Operation(
        id="verifyRecoveryCode",
        tag=CODES,
        summary="Use a recovery code",
        description=f"{_REACHED} Each code works once.",
        body=bodies.RecoveryCode,
        parameters=(_NAME,),
        answer=answers.Session,
        refusals=(CodeRefused, _LOCKED),
    ),
}
