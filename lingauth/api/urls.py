"""The auth API's addresses, under ``/b/<ref>/auth/v1/``."""

from __future__ import annotations

from django.urls import path, re_path

from lingauth.api import urls_admin
from lingauth.api.base import UnknownRoute
from lingauth.api.views import (
    discovery,
    excluded,
    factors,
    mail,
    recovery,
    sessions,
    signup,
    social,
    step_up,
    token,
    user,
    verify,
)

app_name = "lingauth_api"

urlpatterns = [
    path("health", discovery.HealthView.as_view(), name="health"),
    path("settings", discovery.SettingsView.as_view(), name="settings"),
    path(".well-known/jwks.json", discovery.JwksView.as_view(), name="jwks"),
    path(
        ".well-known/openid-configuration",
        discovery.OpenIdConfigurationView.as_view(),
        name="openid-configuration",
    ),
    path("signup", signup.SignUpView.as_view(), name="signup"),
    path("token", token.TokenView.as_view(), name="token"),
    path("otp", mail.OtpView.as_view(), name="otp"),
    path("magiclink", mail.MagicLinkView.as_view(), name="magiclink"),
    path("recover", mail.RecoverView.as_view(), name="recover"),
    path("resend", mail.ResendView.as_view(), name="resend"),
    path("verify", verify.VerifyView.as_view(), name="mail-verify"),
    path("reauthenticate", mail.ReauthenticateView.as_view(), name="reauthenticate"),
    path("authorize", social.AuthorizeView.as_view(), name="authorize"),
    path("callback", social.CallbackView.as_view(), name="callback"),
    path("sso", UnknownRoute.as_view(refusal=excluded.saml), name="sso"),
    path("user", user.UserView.as_view(), name="user"),
    path("user/identities/authorize", social.LinkView.as_view(), name="link-identity"),
    path("user/identities/<str:identity_id>", social.IdentityView.as_view(), name="identity"),
    path("logout", sessions.LogoutView.as_view(), name="logout"),
    path("sessions", sessions.SessionsView.as_view(), name="sessions"),
    path("sessions/<uuid:session_id>", sessions.SessionView.as_view(), name="session"),
    path("factors", factors.FactorsView.as_view(), name="factors"),
    path("factors/recovery-codes", recovery.RecoveryCodesView.as_view(), name="recovery-codes"),
    path(
        "factors/recovery-codes/verify",
        recovery.VerifyRecoveryCodeView.as_view(),
        name="recovery-codes-verify",
    ),
    path(
        "factors/recovery-codes/regenerate",
        recovery.RegenerateView.as_view(),
        name="recovery-codes-regenerate",
    ),
    path("factors/<str:factor_id>", factors.FactorView.as_view(), name="factor"),
    path("factors/<str:factor_id>/challenge", factors.ChallengeView.as_view(), name="challenge"),
    path("factors/<str:factor_id>/verify", factors.VerifyView.as_view(), name="verify"),
    path("mfa/verify", factors.VerifyAnyView.as_view(), name="mfa-verify"),
    path("mfa/step-up", step_up.StepUpView.as_view(), name="mfa-step-up"),
    *urls_admin.urlpatterns,
    re_path(r"", UnknownRoute.as_view(), name="unknown"),
]
