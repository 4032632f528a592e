"""The addresses that the service key opens, under ``/b/<ref>/auth/v1/``."""

from __future__ import annotations

from django.urls import path

from lingauth.api.views.admin import factors, mail, users

urlpatterns = [
    path("admin/users", users.UsersView.as_view(), name="admin-users"),
    path("admin/users/<str:user_id>", users.UserView.as_view(), name="admin-user"),
    path("admin/users/<str:user_id>/factors", factors.FactorsView.as_view(), name="admin-factors"),
    path(
        "admin/users/<str:user_id>/factors/<str:factor_id>",
        factors.FactorView.as_view(),
        name="admin-factor",
    ),
    path("admin/generate_link", mail.GenerateLinkView.as_view(), name="admin-generate-link"),
    path("invite", mail.InviteView.as_view(), name="admin-invite"),
]
