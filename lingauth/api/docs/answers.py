"""The shapes of answers. What ``lingauth.api.render`` draws, described field by field."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

LEVELS = ["aal1", "aal2"]


class Answer(serializers.Serializer[Any]):
    """A body that we send. Members that are not required are absent where they have no value."""


def _time(help_text: str = "", **kwargs: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(help_text=help_text, **kwargs)


class Error(Answer):
    """Every refusal."""

    code = serializers.CharField(help_text="For programs: branch on this.")
    message = serializers.CharField(help_text="For people.")
    hint = serializers.CharField(required=False, help_text="What to do next.")
    details = serializers.JSONField(required=False, help_text="More, depending on the code.")
    weak_password = serializers.DictField(required=False, help_text="With `weak_password` alone.")


class Identity(Answer):
    """One way in. `id` is the provider's subject, `identity_id` the identity's own name."""

    identity_id = serializers.UUIDField()
    id = serializers.CharField()
    user_id = serializers.UUIDField()
    identity_data = serializers.DictField()
    provider = serializers.CharField(help_text="`email`, or what the backend calls a provider.")
    last_sign_in_at = _time()
    created_at = _time()
    updated_at = _time()
    email = serializers.CharField(help_text="The address that it tells; empty without one.")


class Factor(Answer):
    """An authenticator, or the recovery codes as one. Never its secret."""

    id = serializers.UUIDField()
    friendly_name = serializers.CharField()
    factor_type = serializers.ChoiceField(choices=["totp", "recovery_code"])
    status = serializers.ChoiceField(choices=["verified", "unverified"])
    phone = serializers.CharField(required=False, help_text="Always empty.")
    last_challenged_at = _time(required=False, allow_null=True)
    created_at = _time()
    updated_at = _time()


class User(Answer):
    """The account, as its owner sees it."""

    id = serializers.UUIDField()
    aud = serializers.ChoiceField(choices=["authenticated"])
    role = serializers.ChoiceField(choices=["authenticated"])
    email = serializers.CharField(help_text="Empty without one.")
    phone = serializers.CharField(help_text="Always empty.")
    new_email = serializers.CharField(required=False, help_text="Until it is confirmed.")
    email_confirmed_at = _time(required=False)
    confirmed_at = _time(required=False)
    confirmation_sent_at = _time(required=False)
    recovery_sent_at = _time(required=False)
    reauthentication_sent_at = _time(required=False)
    email_change_sent_at = _time(required=False)
    invited_at = _time(required=False)
    last_sign_in_at = _time(required=False)
    banned_until = _time(required=False)
    deleted_at = _time(required=False)
    app_metadata = serializers.DictField(help_text="The backend's; the owner cannot change it.")
    user_metadata = serializers.DictField(help_text="The owner's.")
    identities = Identity(many=True)
    factors = Factor(many=True, required=False, help_text="Absent without one.")
    created_at = _time()
    updated_at = _time()
    is_anonymous = serializers.BooleanField(help_text="Until an address of its own is confirmed.")


class Weakness(Answer):
    """Why a password would not be accepted as a new one."""

    message = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Such as `length`.")


class Session(Answer):
    """Tokens, and whose they are."""

    access_token = serializers.CharField(help_text="ES256; send it as `Authorization: Bearer`.")
    token_type = serializers.ChoiceField(choices=["bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds from now.")
    expires_at = serializers.IntegerField(help_text="Unix time.")
    refresh_token = serializers.CharField(help_text="Works once. Keep it secret.")
    user = User()
    weak_password = Weakness(required=False, help_text="Ask for a better password.")
    provider_token = serializers.CharField(required=False, help_text="The provider's own, once.")
    provider_refresh_token = serializers.CharField(required=False)


class Secret(Answer):
    """What goes into the authenticator app. This is the only time it can be read."""

    qr_code = serializers.CharField(help_text="SVG text. It holds the secret.")
    secret = serializers.CharField(help_text="Base32, for typing in.")
    uri = serializers.CharField(help_text="`otpauth://totp/…`, what the QR code says.")


class Enrollment(Answer):
    """A factor to finish with a first code."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=["totp"])
    friendly_name = serializers.CharField()
    totp = Secret()


class Challenge(Answer):
    """A challenge to answer with one code."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=["totp"])
    expires_at = serializers.IntegerField(help_text="Unix time.")


class Removed(Answer):
    """The id of what is gone."""

    id = serializers.UUIDField()


class WayToThePages(Answer):
    """Where to send the browser."""

    url = serializers.URLField()


class RecoveryStatus(Answer):
    """How many recovery codes are left."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=["recovery_code"])
    total = serializers.IntegerField()
    remaining = serializers.IntegerField()


class NewRecoveryCodes(Answer):
    """A set of recovery codes. This is the only time they can be read."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=["recovery_code"])
    total = serializers.IntegerField()
    codes = serializers.ListField(child=serializers.CharField())


class OwnSession(Answer):
    """One of the account's open sessions."""

    id = serializers.UUIDField()
    current = serializers.BooleanField(help_text="Whether it is the one that asks.")
    aal = serializers.ChoiceField(choices=LEVELS)
    device = serializers.CharField(
        allow_blank=True,
        help_text='A name for people, guessed from `user_agent`: "Chrome on macOS".',
    )
    user_agent = serializers.CharField(allow_blank=True)
    ip = serializers.CharField(allow_null=True)
    created_at = _time("When it signed in.")
    last_seen_at = _time("Its last refresh or verification, or page of ours.")
    expires_at = _time("When it ends at the latest.")


class Sessions(Answer):
    """Newest first."""

    sessions = OwnSession(many=True)
