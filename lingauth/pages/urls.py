"""Addresses of the hosted pages, below ``/b/<ref>/``."""

from __future__ import annotations

from django.urls import path

from lingauth.pages import (
    account,
    asking,
    code,
    codes,
    email,
    identities,
    links,
    password,
    recovery,
    setup,
    signing,
    social,
    step_up,
    tokens,
    verify,
)

app_name = "lingauth_pages"

urlpatterns = [
    path("", signing.home, name="home"),
    path("sign-up", signing.sign_up, name="sign_up"),
    path("sign-in", signing.sign_in, name="sign_in"),
    path("sign-out", signing.sign_out, name="sign_out"),
    path("forgot", asking.forgot, name="forgot"),
    path("code", code.enter_code, name="code"),
    path("link", links.land, name="link"),
    path("signed-in", social.signed_in, name="signed_in"),
    path("connect", social.connect, name="connect"),
    path("theme", signing.theme, name="theme"),
    path("access-token", tokens.access_token, name="access_token"),
    path("mfa", setup.next_step, name="mfa"),
    path("mfa/step-up", step_up.begin, name="step_up"),
    path("mfa/step-up/done", step_up.done, name="step_up_done"),
    path("mfa/setup", setup.set_up, name="mfa_setup"),
    path("mfa/setup/restart", setup.restart, name="mfa_restart"),
    path("mfa/verify", verify.verify, name="mfa_verify"),
    path("mfa/recovery", recovery.use, name="mfa_recovery"),
    path("mfa/help", recovery.help_page, name="mfa_help"),
    path("mfa/recovery-codes", codes.codes, name="codes"),
    path("mfa/recovery-codes/file", codes.file, name="codes_file"),
    path("account", account.overview, name="account"),
    path("account/again", asking.again, name="again"),
    path("account/password", password.change, name="password"),
    path("account/new-password", password.choose, name="new_password"),
    path("account/email", email.change, name="email"),
    path("account/email/cancel", email.cancel, name="email_cancel"),
    path("account/identities/<str:provider>/add", identities.add, name="identity_add"),
    path("account/identities/<uuid:identity>/remove", identities.remove, name="identity_remove"),
    path("account/factors/<uuid:factor>/rename", account.rename, name="factor_rename"),
    path("account/factors/<uuid:factor>/remove", account.remove, name="factor_remove"),
    path("account/sessions/<uuid:session>/end", account.end_session, name="session_end"),
]
