"""The shapes of admin requests."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lingauth.api.shapes import Metadata, Shape, Text


class Flag(serializers.BooleanField):
    """A JSON boolean, and nothing that looks like one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **kwargs})

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class AdminUserBody(Shape):
    id = Text()
    email = Text()
    email_confirm = Flag()
    phone = Text()
    phone_confirm = Flag()
    password = Text()
    password_hash = Text()
    ban_duration = Text()
    user_metadata = Metadata()
    app_metadata = Metadata()
    role = Text()


class DeleteUserBody(Shape):
    should_soft_delete = Flag()


class AdminFactorBody(Shape):
    friendly_name = Text()
    factor_type = Text()
    phone = Text()


class InviteBody(Shape):
    email = Text()
    data = Metadata()  # type: ignore[assignment]  # the contract's word, not Serializer.data
    redirect_to = Text()


class LinkBody(Shape):
    type = Text()
    email = Text()
    new_email = Text()
    password = Text()
    data = Metadata()  # type: ignore[assignment]  # the contract's word, not Serializer.data
    redirect_to = Text()
