"""The shapes of requests. They check types and nothing else; services judge the values.

Every optional member may be null and unknown ones are ignored, because the clients send both.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator


class Text(serializers.CharField):
    """A JSON string as it was sent: not trimmed, and never a number that looks like one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"required": False, "allow_null": True, "allow_blank": True, **kwargs},
            trim_whitespace=False,
        )
        # The parser let no surrogate through; DRF would look at each character once more.
        self.validators = [
            check
            for check in self.validators
            if not isinstance(check, ProhibitSurrogateCharactersValidator)
        ]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Metadata(serializers.DictField):
    """An object of anything."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True)


class Flag(serializers.BooleanField):
    """A JSON boolean, and nothing that looks like one."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Shape(serializers.Serializer[Any]):
    """A request's body."""


class SignUpBody(Shape):
    email = Text(help_text="One address.")
    password = Text(help_text="At most 256 characters.")
    data = Metadata()  # type: ignore[assignment]  # the contract's word, not Serializer.data
    phone = Text()
    code_challenge = Text(help_text="PKCE (RFC 7636).")
    code_challenge_method = Text(help_text="`s256` or `plain`.")


class PasswordBody(Shape):
    email = Text()
    password = Text()
    phone = Text()


class RefreshBody(Shape):
    refresh_token = Text()


class CodeExchangeBody(Shape):
    auth_code = Text()
    code_verifier = Text()


class IdTokenBody(Shape):
    provider = Text()
    id_token = Text()
    access_token = Text()
    nonce = Text()
    link_identity = Flag()


class MailBody(Shape):
    """Asking for a mail."""

    email = Text()
    phone = Text()
    code_challenge = Text(help_text="PKCE (RFC 7636).")
    code_challenge_method = Text(help_text="`s256` or `plain`.")


class OtpBody(MailBody):
    data = Metadata()  # type: ignore[assignment]  # the contract's word, not Serializer.data
    create_user = Flag()


class ResendBody(MailBody):
    type = Text(help_text="`signup` or `email_change`.")


class VerifyMailBody(Shape):
    type = Text(help_text="`signup`, `invite`, `magiclink`, `recovery`, `email_change` or `email`.")
    email = Text()
    phone = Text()
    token = Text(help_text="The six digits of the mail.")
    token_hash = Text(help_text="The token of the mail's link.")


class UserUpdateBody(Shape):
    email = Text()
    phone = Text()
    password = Text()
    current_password = Text()
    nonce = Text(help_text="The code mailed by `GET /reauthenticate`.")
    code_challenge = Text(help_text="PKCE (RFC 7636), for a change of address.")
    code_challenge_method = Text(help_text="`s256` or `plain`.")
    data = Metadata()  # type: ignore[assignment]  # the contract's word, not Serializer.data
    app_metadata = Metadata()


class EnrollBody(Shape):
    factor_type = Text(help_text="`totp`")
    friendly_name = Text()
    issuer = Text()


class RenameBody(Shape):
    friendly_name = Text()


class VerifyBody(Shape):
    challenge_id = Text()
    code = Text(help_text="Six digits; spaces and dashes are ignored.")


class CodeBody(Shape):
    code = Text()
    factor_id = Text()


class StepUpBody(Shape):
    redirect_to = Text()
    code_challenge = Text()
    code_challenge_method = Text()


class Empty(Shape):
    """A body that is not looked at."""
