"""The calls about providers and identities."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from lingauth.api import shapes
from lingauth.api.docs.answers import Answer
from lingauth.api.docs.bodies import Body, needed
from lingauth.api.docs.mail_flows import EMPTY
from lingauth.api.docs.operation import Access, Operation, Refusal
from lingauth.api.views import social
from lingauth.core.errors import InsufficientLevel, ReauthenticationNeeded, ValidationFailed

SOCIAL_TAG = "By a provider"

_PROVIDER = OpenApiParameter("provider", str, description="Its name, such as `google`.")
_MORE = (
    OpenApiParameter(
        "redirect_to",
        str,
        description=(
            "Where it ends. On the backend's site, or matching one of its patterns; any other is "
            "passed over for the site, without an error."
        ),
    ),
    OpenApiParameter("scopes", str, description="More scopes, with a space between."),
    OpenApiParameter("code_challenge", str, description="PKCE (RFC 7636): the end is a code."),
    OpenApiParameter("code_challenge_method", str, enum=["s256", "plain"]),
)
_STATE = OpenApiParameter("state", str, description="What the provider was given.")
_CODE = OpenApiParameter("code", str, description="What it gave.")
_ERROR = OpenApiParameter("error", str, description="Or why it gave nothing.")
_ISSUER = OpenApiParameter("iss", str, description="Who it says it is (RFC 9207).")
_ID = OpenApiParameter("identity_id", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH)
_OFF = Refusal(404, "manual_linking_disabled", "Manual linking is disabled")
_RECENT = (
    "Needs a sign-in of the last ten minutes, or `aal2` of the last ten minutes from an account "
    "with a factor."
)


class IdToken(Body):
    """An ID token that a native app got from the provider itself."""

    read_as = shapes.IdTokenBody
    provider = needed("The provider's name.")
    id_token = needed("Its ID token (OpenID Connect).")
    nonce = shapes.Text(
        help_text="What the app made the token's nonce from: that is its SHA-256 in hex."
    )
    access_token = shapes.Text(help_text="Compared with the token's `at_hash`, if it has one.")
    link_identity = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Add the identity to the signed-in account, instead of signing in by it.",
    )


class LinkAddress(Answer):
    """Where to send the browser."""

    url = serializers.URLField()


SOCIAL: Final[dict[tuple[type, str], Operation]] = {
    (social.AuthorizeView, "GET"): Operation(
        id="authorize",
        tag=SOCIAL_TAG,
        summary="Sign in by a provider",
        description=(
            "For browsers: it leads to the provider, and in the end back to the app, with a `code` "
            "if there is a challenge, else with the session in the fragment. What went wrong is "
            "`error`, `error_code` and `error_description` in query and fragment. Parameters of "
            "the provider's own are passed on."
        ),
        access=Access.PUBLIC,
        parameters=(_PROVIDER, *_MORE),
        answer=None,
        redirect=302,
        or_else=303,
        refusals=(ValidationFailed,),
    ),
    (social.CallbackView, "GET"): Operation(
        id="callback",
        tag=SOCIAL_TAG,
        summary="Come back from a provider",
        description=(
            "The address to register at the provider. An answer works once, within ten minutes, in "
            "the browser that was sent for it; any other leads to the backend's site, by 303, with "
            "`error_code=bad_oauth_state`."
        ),
        access=Access.PUBLIC,
        parameters=(_STATE, _CODE, _ERROR, _ISSUER),
        answer=None,
        redirect=302,
        or_else=303,
    ),
    (social.CallbackView, "POST"): Operation(
        id="callbackForm",
        tag=SOCIAL_TAG,
        summary="Come back from a provider, by a form",
        description="For providers that answer with a form. It leads to the same by GET.",
        access=Access.PUBLIC,
        answer=None,
        redirect=303,
        refusals=(
            Refusal(413, "request_entity_too_large", "The request's body is too large."),
            Refusal(415, "unsupported_media_type", "The body is not a form."),
        ),
    ),
    (social.LinkView, "GET"): Operation(
        id="linkIdentity",
        tag=SOCIAL_TAG,
        summary="Begin to add an identity to the account",
        description=(
            "Send the browser to the `url`. It leads to the provider and back to the app: with a "
            "`code`, whose exchange adds the identity, if there is a challenge; else the person is "
            f"asked on a page first. {_RECENT}"
        ),
        parameters=(_PROVIDER, *_MORE),
        answer=LinkAddress,
        refusals=(ValidationFailed, _OFF, InsufficientLevel, ReauthenticationNeeded),
    ),
    (social.IdentityView, "DELETE"): Operation(
        id="unlinkIdentity",
        tag=SOCIAL_TAG,
        summary="Take an identity from the account",
        description=f"With the one of the address goes the password. {_RECENT}",
        parameters=(_ID,),
        answer=EMPTY,
        refusals=(
            _OFF,
            Refusal(404, "validation_failed", "identity_id must be an UUID"),
            InsufficientLevel,
            ReauthenticationNeeded,
            Refusal(422, "identity_not_found", "Identity doesn't exist"),
            Refusal(
                422,
                "single_identity_not_deletable",
                "User must have at least 1 identity after unlinking",
            ),
        ),
    ),
}
