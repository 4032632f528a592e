"""The calls about mailed codes and links."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework import serializers

from lingauth.api.docs import answers, mail_bodies
from lingauth.api.docs.answers import Answer
from lingauth.api.docs.operation import Access, Operation, Refusal
from lingauth.api.views import mail, verify
from lingauth.core.errors import AccountBanned, EmailExists, TooManyAttempts, ValidationFailed

MAIL = "By mail"

REDIRECT_TO: Final = OpenApiParameter(
    "redirect_to",
    str,
    description=(
        "Where the mail's link leads in the end. It has to be on the backend's site or match one "
        "of its patterns; any other is passed over for the backend's site, without an error."
    ),
)
NO_PHONE: Final = Refusal(400, "phone_provider_disabled", "Phone logins are disabled")
TOO_MANY_MAILS: Final = Refusal(
    429,
    "over_email_send_rate_limit",
    "For security purposes, you can only request this after 59 seconds.",
)
_NO_MAIL_SIGN_IN = Refusal(422, "email_provider_disabled", "Email logins are disabled")
_EXPIRED = Refusal(403, "otp_expired", "Token has expired or is invalid")
EMPTY: Final = {"type": "object", "additionalProperties": False}
"""An answer that has nothing to tell. A serializer without fields would have no schema."""
_SAME = (
    "The answer is the same whether anybody has this address or not, and so is the time it takes."
)


class HalfChanged(Answer):
    """The first of a change's two confirmations: there is no session yet."""

    code = serializers.ChoiceField(choices=["200"])
    msg = serializers.CharField()


_SEND_CODE = Operation(
    id="sendCode",
    tag=MAIL,
    summary="Mail a code and a link to sign in with",
    description=(
        "Either works, once. An address that nobody has signs up with it, unless `create_user` is "
        f"false or the backend takes nobody new. {_SAME}"
    ),
    access=Access.PUBLIC,
    body=mail_bodies.Otp,
    parameters=(REDIRECT_TO,),
    answer=EMPTY,
    refusals=(_NO_MAIL_SIGN_IN, NO_PHONE, TOO_MANY_MAILS),
)

MAIL_FLOWS: Final[dict[tuple[type, str], Operation]] = {
    (mail.OtpView, "POST"): _SEND_CODE,
    (mail.MagicLinkView, "POST"): replace(
        _SEND_CODE,
        id="sendMagicLink",
        summary="The same, by its older name",
        description="What `otp` does.",
    ),
    (mail.RecoverView, "POST"): Operation(
        id="recover",
        tag=MAIL,
        summary="Mail a code and a link for a forgotten password",
        description=(
            "Either begins a session at `aal1`, in which `PUT /auth/v1/user` sets a password. An "
            f"account with a factor has to give a code for that as always. {_SAME}"
        ),
        access=Access.PUBLIC,
        body=mail_bodies.Recover,
        parameters=(REDIRECT_TO,),
        answer=EMPTY,
        refusals=(NO_PHONE, TOO_MANY_MAILS),
    ),
    (mail.ResendView, "POST"): Operation(
        id="resend",
        tag=MAIL,
        summary="Mail a confirmation once more",
        description=f"The mail before it is void. {_SAME}",
        access=Access.PUBLIC,
        body=mail_bodies.Resend,
        parameters=(REDIRECT_TO,),
        answer=EMPTY,
        refusals=(NO_PHONE, TOO_MANY_MAILS),
    ),
    (verify.VerifyView, "POST"): Operation(
        id="verifyMail",
        tag=MAIL,
        summary="Trade a mailed code or link for a session",
        description=(
            "By the address and the code, or by the link's token alone. The session is at `aal1`. "
            "A change of address that asks both addresses answers the first of them with a "
            "sentence instead. Everything wrong is `otp_expired`, an unknown address too."
        ),
        access=Access.PUBLIC,
        body=PolymorphicProxySerializer(
            component_name="VerifyMail",
            serializers=[mail_bodies.VerifyCode, mail_bodies.VerifyLink],
            resource_type_field_name=None,
        ),
        answer=PolymorphicProxySerializer(
            component_name="Verified",
            serializers=[answers.Session, HalfChanged],
            resource_type_field_name=None,
        ),
        refusals=(_EXPIRED, AccountBanned, EmailExists, NO_PHONE, TooManyAttempts),
    ),
    (verify.VerifyView, "GET"): Operation(
        id="openLink",
        tag=MAIL,
        summary="Open a mailed link",
        description=(
            "For browsers. It leads to a page whose button spends the link: programs that look at "
            "mails open links too. A backend with one-step links spends it here, and leads "
            "straight back to the app: with the tokens in the fragment, with a `code` if the app "
            "sent a challenge, or with `error`, `error_code` and `error_description`."
        ),
        access=Access.PUBLIC,
        parameters=(
            OpenApiParameter("token", str, description="The link's token."),
            OpenApiParameter("type", str, description="What the mail was for."),
            REDIRECT_TO,
        ),
        answer=None,
        redirect=303,
    ),
    (mail.ReauthenticateView, "GET"): Operation(
        id="reauthenticate",
        tag=MAIL,
        summary="Mail a code for the next change",
        description=(
            "Given as `nonce` with a new password or a new address, it shows that the account's "
            "owner is there, however old the session."
        ),
        answer=EMPTY,
        refusals=(
            ValidationFailed,
            Refusal(422, "email_not_confirmed", "Email not confirmed"),
            TOO_MANY_MAILS,
        ),
    ),
}
