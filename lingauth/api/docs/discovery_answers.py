"""The shapes of the public answers about a backend."""

from __future__ import annotations

from rest_framework import serializers

from lingauth.api.docs.answers import Answer
from lingauth.core.gate import MfaMode


class Health(Answer):
    """That the auth API answers."""

    version = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()


class BackendSettings(Answer):
    """What an app may want to know before anybody signed in."""

    external = serializers.DictField(
        child=serializers.BooleanField(),
        help_text="The ways in: `email`, `phone`, `anonymous_users`, and each provider by name.",
    )
    disable_signup = serializers.BooleanField()
    mailer_autoconfirm = serializers.BooleanField(help_text="Sign-up needs no confirmed address.")
    phone_autoconfirm = serializers.BooleanField()
    sms_provider = serializers.CharField(allow_blank=True)
    saml_enabled = serializers.BooleanField()
    passkeys_enabled = serializers.BooleanField()
    mfa_mode = serializers.ChoiceField(choices=[mode.value for mode in MfaMode])


class Jwk(Answer):
    """A public key (RFC 7517)."""

    kty = serializers.CharField()
    crv = serializers.CharField()
    x = serializers.CharField()
    y = serializers.CharField()
    kid = serializers.CharField()
    alg = serializers.CharField()
    use = serializers.CharField()
    key_ops = serializers.ListField(child=serializers.CharField())


class Jwks(Answer):
    """The keys that verify access tokens, those about to be used among them."""

    keys = Jwk(many=True)


class OpenIdConfiguration(Answer):
    """Where a verifier finds issuer and keys (RFC 8414)."""

    issuer = serializers.URLField()
    jwks_uri = serializers.URLField()
    token_endpoint = serializers.URLField()
    userinfo_endpoint = serializers.URLField()
    grant_types_supported = serializers.ListField(child=serializers.CharField())
    response_types_supported = serializers.ListField(child=serializers.CharField())
    subject_types_supported = serializers.ListField(child=serializers.CharField())
    id_token_signing_alg_values_supported = serializers.ListField(child=serializers.CharField())
    acr_values_supported = serializers.ListField(child=serializers.CharField())
    claims_supported = serializers.ListField(child=serializers.CharField())
