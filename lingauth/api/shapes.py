"""The shapes of requests. They check types and nothing else; services judge the values.

Every optional member may be null and unknown ones are ignored, because the clients send both.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class Text(serializers.CharField):
    """A JSON string as it was sent: not trimmed, and never a number that looks like one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"required": False, "allow_null": True, "allow_blank": True, **kwargs},
            trim_whitespace=False,
        )

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Metadata(serializers.DictField):
    """An object of anything."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True)


class Shape(serializers.Serializer[Any]):
    """A request's body."""


class SignUpBody(Shape):
    email = Text(help_text="One address.")
    password = Text(help_text="At most 256 characters.")
    data = Metadata()  # type: ignore[assignment]  # the contract's word, not Serializer.data
    phone = Text()


class PasswordBody(Shape):
    email = Text()
    password = Text()
    phone = Text()


class RefreshBody(Shape):
    refresh_token = Text()


class UserUpdateBody(Shape):
    email = Text()
    phone = Text()
    password = Text()
    current_password = Text()
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


class Empty(Shape):
    """A body that is not looked at."""
