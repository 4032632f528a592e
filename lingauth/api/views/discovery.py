"""What anybody may know of a backend."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth import __version__, tokens
from lingauth.api.base import AuthView
from lingauth.services import keys, providers
from lingauth.services.social.presets import PRESETS

_PUBLIC = "public, max-age=300"


class HealthView(AuthView):
    """Whether the auth API answers."""

    def get(self, request: Request, ref: str) -> Response:
        self.backend(request)
        return Response(
            {"version": __version__, "name": "LingAuth", "description": "LingAuth auth API"}
        )


class SettingsView(AuthView):
    """Which ways in are open."""

    def get(self, request: Request, ref: str) -> Response:
        backend = self.backend(request)
        return Response(
            {
                "external": {
                    "email": True,
                    "phone": False,
                    "anonymous_users": backend.anonymous_enabled,
                    **dict.fromkeys(PRESETS, False),
                    **{name: True for name, _ in providers.enabled(backend)},
                },
                "disable_signup": not backend.signup_enabled,
                "mailer_autoconfirm": backend.auto_confirm,
                "phone_autoconfirm": False,
                "sms_provider": "",
                "saml_enabled": False,
                "passkeys_enabled": False,
                "mfa_mode": backend.mfa_mode,
            }
        )


class JwksView(AuthView):
    """The keys to verify this backend's access tokens with (RFC 7517)."""

    def get(self, request: Request, ref: str) -> Response:
        response = Response(keys.jwks(backend=self.backend(request)))
        response["Cache-Control"] = _PUBLIC
        return response


class OpenIdConfigurationView(AuthView):
    """Where a verifier of access tokens finds issuer and keys (RFC 8414)."""

    def get(self, request: Request, ref: str) -> Response:
        backend = self.backend(request)
        issuer = tokens.issuer_of(backend.ref)
        response = Response(
            {
                "issuer": issuer,
                "jwks_uri": f"{issuer}/.well-known/jwks.json",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/user",
                "grant_types_supported": ["password", "refresh_token"],
                "response_types_supported": ["token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [tokens.ALGORITHM],
                "acr_values_supported": ["aal1", "aal2"],
                "claims_supported": ["sub", "aud", "exp", "iat", "session_id", "aal", "amr"],
            }
        )
        response["Cache-Control"] = _PUBLIC
        return response
