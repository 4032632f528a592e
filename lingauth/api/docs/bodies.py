"""The shapes of requests as the description shows them: with what is needed, and without members
that are only ever refused. ``read_as`` is the shape that the view reads, which has them all."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from lingauth.api import shapes


class Body(shapes.Shape):
    """A body that we read."""

    read_as: ClassVar[type[shapes.Shape]]


def needed(help_text: str) -> shapes.Text:
    return shapes.Text(required=True, allow_null=False, help_text=help_text)


def an_object(help_text: str) -> serializers.DictField:
    return serializers.DictField(required=False, allow_null=True, help_text=help_text)


def challenge() -> shapes.Text:
    return shapes.Text(
        help_text="PKCE (RFC 7636): 43 to 128 characters. A link then leads to the app with a code."
    )


def challenge_method() -> serializers.ChoiceField:
    return serializers.ChoiceField(
        choices=["s256", "plain"],
        required=False,
        allow_null=True,
        help_text="How the challenge was made. Both or neither.",
    )


class SignUp(Body):
    """A new account; without an address and a password an anonymous one."""

    read_as = shapes.SignUpBody
    email = shapes.Text(help_text="One address.")
    password = shapes.Text(
        help_text="Length and strength are the backend's rule; at most 256 characters, none cut."
    )
    data = an_object(  # type: ignore[assignment]  # the contract's word, not Serializer.data
        "Becomes `user_metadata`. At most 64 members and 16 KiB."
    )
    code_challenge = challenge()
    code_challenge_method = challenge_method()


class Password(Body):
    """Signing in."""

    read_as = shapes.PasswordBody
    email = needed("The account's address.")
    password = needed("Its password.")


class RefreshToken(Body):
    """Going on."""

    read_as = shapes.RefreshBody
    refresh_token = needed("The newest refresh token of the session.")


class UserUpdate(Body):
    """What to change; the rest stays."""

    read_as = shapes.UserUpdateBody
    email = shapes.Text(help_text="A new address. It waits for the confirmations by mail.")
    password = shapes.Text(help_text="A new password. Ends every other session.")
    current_password = shapes.Text(
        help_text="Needed where the sign-in is older than ten minutes and there is no factor."
    )
    nonce = shapes.Text(help_text="The code of `GET /auth/v1/reauthenticate`, for the same.")
    code_challenge = challenge()
    code_challenge_method = challenge_method()
    data = an_object(  # type: ignore[assignment]  # the contract's word, not Serializer.data
        "Merged into `user_metadata`; a member that is null removes it."
    )


class Enroll(Body):
    """A new factor."""

    read_as = shapes.EnrollBody
    factor_type = serializers.ChoiceField(choices=["totp"])
    friendly_name = shapes.Text(help_text="How the account's owner tells factors apart.")
    issuer = shapes.Text(
        help_text="What the authenticator app shows; the backend's name if absent."
    )


class Verify(Body):
    """The answer to a challenge."""

    read_as = shapes.VerifyBody
    challenge_id = needed("The `id` of a challenge.")
    code = needed("Six digits; spaces and dashes are ignored.")


class Code(Body):
    """A code of an authenticator."""

    read_as = shapes.CodeBody
    code = needed("Six digits; spaces and dashes are ignored.")
    factor_id = shapes.Text(help_text="Which factor; any of the account's if absent.")


class StepUp(Body):
    """A second step at the hosted pages."""

    read_as = shapes.StepUpBody
    redirect_to = needed("Where it ends: on the backend's site, or matching one of its patterns.")
    code_challenge = needed("PKCE (RFC 7636): 43 to 128 characters.")
    code_challenge_method = needed("`s256` or `plain`.")


class RecoveryCode(Body):
    """A recovery code."""

    read_as = shapes.CodeBody
    code = needed("One unused code; case, spaces and dashes are ignored.")
