"""The description's addresses, under ``/b/<ref>/``."""

from __future__ import annotations

from django.urls import path

from lingauth.api.docs import views

app_name = "lingauth_docs"

urlpatterns = [
    path("docs", views.page, name="page"),
    path("openapi.json", views.OpenApiView.as_view(), name="openapi"),
]
