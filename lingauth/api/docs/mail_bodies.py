"""The shapes of requests that ask for a mail, or bring what a mail held."""

from __future__ import annotations

from rest_framework import serializers

from lingauth.api import shapes
from lingauth.api.docs.bodies import Body, an_object, challenge, challenge_method, needed


class Otp(Body):
    """Signing in by mail."""

    read_as = shapes.OtpBody
    email = needed("Where the mail goes.")
    create_user = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Whether a new address signs up. It does if absent.",
    )
    data = an_object(  # type: ignore[assignment]  # the contract's word, not Serializer.data
        "Becomes the `user_metadata` of a new account."
    )
    code_challenge = challenge()
    code_challenge_method = challenge_method()


class Recover(Body):
    """A forgotten password."""

    read_as = shapes.MailBody
    email = needed("The account's address.")
    code_challenge = challenge()
    code_challenge_method = challenge_method()


class Resend(Body):
    """One more mail."""

    read_as = shapes.ResendBody
    type = serializers.ChoiceField(choices=["signup", "email_change"])
    email = needed("The address to confirm; for `email_change` the new one.")
    code_challenge = challenge()
    code_challenge_method = challenge_method()


class VerifyCode(Body):
    """The code of a mail."""

    read_as = shapes.VerifyMailBody
    type = serializers.ChoiceField(
        choices=["email", "signup", "invite", "magiclink", "recovery", "email_change"],
        help_text="What the mail was for. `email`: to sign in or up, whichever is pending.",
    )
    email = needed("The address that the mail went to.")
    token = needed("Its six digits; spaces and dashes are ignored.")


class VerifyLink(Body):
    """The token of a mail's link, and nothing else that identifies anybody."""

    read_as = shapes.VerifyMailBody
    type = serializers.ChoiceField(
        choices=["email", "signup", "invite", "magiclink", "recovery", "email_change"]
    )
    token_hash = needed("What the link carries as `token`.")


class CodeExchange(Body):
    """The end of a flow with PKCE."""

    read_as = shapes.CodeExchangeBody
    auth_code = needed("What came back to the app as `code`. Good for a minute, and once.")
    code_verifier = needed("What the `code_challenge` was made from.")
