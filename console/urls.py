"""Addresses of the console. Mounted as ``path("backends", include("console.urls"))``."""

from __future__ import annotations

from django.urls import URLPattern, include, path

from console import (
    authentication,
    backends,
    history,
    keys,
    providers,
    set_up,
    settings,
    sign_in,
    theme,
    users,
    verify,
)

app_name = "console"

below: list[URLPattern] = [
    path("", backends.with_slash, name="with_slash"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("set-up", set_up.set_up, name="set_up"),
    path("verify", verify.verify, name="verify"),
    path("theme", theme.theme, name="theme"),
    path("<str:ref>", backends.backend, name="backend"),
    path("<str:ref>/authentication", authentication.authentication, name="authentication"),
    path("<str:ref>/authentication/review", authentication.review, name="review"),
    path("<str:ref>/settings", settings.first, name="settings"),
    path("<str:ref>/settings/<slug:section>", settings.section, name="settings_section"),
    path("<str:ref>/settings/<slug:section>/review", settings.review, name="settings_review"),
    path("<str:ref>/users", users.users, name="users"),
    path("<str:ref>/keys", keys.overview, name="keys"),
    path("<str:ref>/keys/new", keys.new, name="key_new"),
    path("<str:ref>/keys/<int:key>/replace", keys.replace, name="key_replace"),
    path("<str:ref>/keys/<int:key>/revoke", keys.revoke, name="key_revoke"),
    path("<str:ref>/keys/signing/rotate", keys.rotate_signing, name="signing_rotate"),
    path("<str:ref>/keys/signing/<str:kid>/revoke", keys.revoke_signing, name="signing_revoke"),
    path("<str:ref>/providers", providers.overview, name="providers"),
    path("<str:ref>/providers/new", providers.new, name="provider_new"),
    path("<str:ref>/providers/<str:name>", providers.provider, name="provider"),
    path("<str:ref>/providers/<str:name>/remove", providers.remove, name="provider_remove"),
    path("<str:ref>/history", history.history, name="history"),
    path("<str:ref>/history/<int:version>/undo", history.undo, name="undo"),
]

# The slash is a level of its own: Django warns of a route that begins with one (urls.W002).
urlpatterns = [path("", backends.backends, name="backends"), path("/", include(below))]
