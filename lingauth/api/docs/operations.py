"""Every call of the auth API: what it does, takes, answers, and how it can be refused."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer

from lingauth.api.docs import answers, bodies, discovery_answers, mail_bodies
from lingauth.api.docs.admin import ADMIN_CALLS
from lingauth.api.docs.mail_flows import MAIL_FLOWS, NO_PHONE, REDIRECT_TO, TOO_MANY_MAILS
from lingauth.api.docs.operation import Access, Operation, Refusal
from lingauth.api.docs.second_factor import SECOND_FACTOR
from lingauth.api.docs.social import SOCIAL, IdToken
from lingauth.api.views import discovery, sessions, signup, token, user
from lingauth.core.errors import (
    AccountBanned,
    AccountExists,
    CurrentPasswordInvalid,
    EmailExists,
    EmailNotConfirmed,
    InsufficientLevel,
    InvalidCredentials,
    ReauthenticationNeeded,
    RefreshRefused,
    SamePassword,
    SignupDisabled,
    TooManyAttempts,
    ValidationFailed,
    WeakPassword,
)

SIGN_IN, ACCOUNT, SESSIONS, ABOUT = "Signing in", "Account", "Sessions", "About the backend"

_DEAD = "Invalid Refresh Token: "

OPERATIONS: Final[dict[tuple[type, str], Operation]] = {
    (signup.SignUpView, "POST"): Operation(
        id="signUp",
        tag=SIGN_IN,
        summary="Make an account",
        description=(
            "Where the backend confirms addresses by itself, the answer is a session. Elsewhere it "
            "is the bare user, and a mail with a code and a link is on its way; the answer is then "
            "the same for an address that has an account already. Without an address the account "
            "is anonymous, where the backend allows that."
        ),
        access=Access.PUBLIC,
        body=bodies.SignUp,
        parameters=(REDIRECT_TO,),
        answer=PolymorphicProxySerializer(
            component_name="SignedUp",
            serializers=[answers.Session, answers.User],
            resource_type_field_name=None,
        ),
        refusals=(
            WeakPassword,
            AccountExists,
            SignupDisabled,
            Refusal(400, "phone_provider_disabled", "Phone signups are disabled"),
            Refusal(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled"),
            TOO_MANY_MAILS,
            Refusal(429, "over_request_rate_limit", "Request rate limit reached"),
        ),
    ),
    (token.TokenView, "POST"): Operation(
        id="getToken",
        tag=SIGN_IN,
        summary="Get a session: by password, by a flow's code, or by a refresh token",
        description=(
            "`grant_type=password` signs in. `grant_type=pkce` trades the code that a flow brought "
            "back to the app, `grant_type=id_token` an ID token of a provider, and "
            "`grant_type=refresh_token` a refresh token for new tokens of the same session.\n\n"
            "**A refresh token works once.** Presented again it ends the session, and access "
            "tokens of it die at once. The exception is a lost "
            "answer: send an `Idempotency-Key` with a refresh, and the same request with the same "
            "key is answered with the same child until that child is used.\n\n"
            "`session_expired` may say more in its message: ` (Inactivity)` after the backend's "
            "longest pause, ` (Revoked by Newer Login)` where an account has one session at a "
            "time.\n\n"
            "A 503 is about us, not about the token: keep the session and try again."
        ),
        access=Access.PUBLIC,
        body=PolymorphicProxySerializer(
            component_name="TokenRequest",
            serializers=[
                bodies.Password,
                mail_bodies.CodeExchange,
                IdToken,
                bodies.RefreshToken,
            ],
            resource_type_field_name=None,
        ),
        parameters=(
            OpenApiParameter(
                "grant_type",
                str,
                required=True,
                enum=["password", "pkce", "id_token", "refresh_token"],
            ),
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="With a refresh: a string of up to 255 characters, hard to guess.",
            ),
        ),
        answer=answers.Session,
        refusals=(
            InvalidCredentials,
            EmailNotConfirmed,
            AccountBanned,
            TooManyAttempts,
            NO_PHONE,
            RefreshRefused,
            Refusal(400, "refresh_token_already_used", f"{_DEAD}Already Used"),
            Refusal(400, "session_expired", f"{_DEAD}Session Expired"),
            Refusal(400, "user_banned", f"{_DEAD}User Banned"),
            Refusal(400, "bad_code_verifier", "The verifier is not the one of the challenge."),
            Refusal(404, "flow_state_not_found", "There is no such code, or it was used."),
            Refusal(422, "flow_state_expired", "The code is older than a minute."),
            Refusal(422, "web3_provider_disabled", "Web3 provider is disabled"),
        ),
    ),
    (user.UserView, "GET"): Operation(
        id="getUser",
        tag=ACCOUNT,
        summary="Read the signed-in account",
        description="With its identities and factors.",
        answer=answers.User,
    ),
    (user.UserView, "PUT"): Operation(
        id="updateUser",
        tag=ACCOUNT,
        summary="Change the address, the password or the metadata",
        description=(
            "A new password ends every other session. A new address is the account's once it is "
            "confirmed by mail, and where the backend asks for both, by the present one too. For "
            "either, an account with a factor has to have given a code within ten minutes; one "
            "without has to have signed in within ten minutes, or gives its current password or a "
            "mailed `nonce`."
        ),
        body=bodies.UserUpdate,
        parameters=(REDIRECT_TO,),
        answer=answers.User,
        refusals=(
            Refusal.of(InsufficientLevel, status=401),
            ReauthenticationNeeded,
            CurrentPasswordInvalid,
            SamePassword,
            WeakPassword,
            TooManyAttempts,
            NO_PHONE,
            Refusal(403, "not_admin", "User not allowed"),
            EmailExists,
            Refusal(422, "reauthentication_not_valid", "Nonce has expired or is invalid"),
            TOO_MANY_MAILS,
        ),
    ),
    (sessions.LogoutView, "POST"): Operation(
        id="signOut",
        tag=SESSIONS,
        summary="Sign out",
        description="Ends sessions. Their access tokens are refused from the next request on.",
        parameters=(
            OpenApiParameter(
                "scope",
                str,
                enum=["global", "local", "others"],
                default="global",
                description="All sessions of the account, this one, or all but this one.",
            ),
        ),
        answer=None,
        refusals=(ValidationFailed,),
    ),
    (sessions.SessionsView, "GET"): Operation(
        id="listSessions",
        tag=SESSIONS,
        summary="List the account's open sessions",
        description=(
            "Newest first, each with a name for its device and when it was last seen. Sessions "
            "that were left idle for longer than the backend allows are not open any more."
        ),
        answer=answers.Sessions,
    ),
    (sessions.SessionView, "DELETE"): Operation(
        id="endSession",
        tag=SESSIONS,
        summary="End one of the account's sessions",
        description="For another session than this, an account with a factor needs a recent code.",
        answer=None,
        refusals=(
            InsufficientLevel,
            Refusal(404, "session_not_found", "There is no such session."),
        ),
    ),
    **MAIL_FLOWS,
    **SOCIAL,
    **SECOND_FACTOR,
    **ADMIN_CALLS,
    (discovery.HealthView, "GET"): Operation(
        id="health",
        tag=ABOUT,
        summary="See that the auth API answers",
        description="It reads the backend's row, so an answer means that the database is there.",
        access=Access.PUBLIC,
        answer=discovery_answers.Health,
    ),
    (discovery.SettingsView, "GET"): Operation(
        id="settings",
        tag=ABOUT,
        summary="Read which ways in are open",
        description="Nothing secret: what an app needs to draw its sign-in form.",
        access=Access.PUBLIC,
        answer=discovery_answers.BackendSettings,
    ),
    (discovery.JwksView, "GET"): Operation(
        id="jwks",
        tag=ABOUT,
        summary="Read the keys that verify access tokens",
        description=(
            "For servers that check tokens themselves (RFC 7517). A signature says nothing of a "
            "session that was ended meanwhile; this API asks the session each time."
        ),
        access=Access.PUBLIC,
        answer=discovery_answers.Jwks,
    ),
    (discovery.OpenIdConfigurationView, "GET"): Operation(
        id="openidConfiguration",
        tag=ABOUT,
        summary="Find issuer and keys",
        description="For verifiers of access tokens (RFC 8414).",
        access=Access.PUBLIC,
        answer=discovery_answers.OpenIdConfiguration,
    ),
}
