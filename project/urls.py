"""Where everything is: the landing page, every backend under ``/b/<ref>/``, the console."""

from __future__ import annotations

from django.urls import include, path

from project import views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("b/<slug:ref>/", include("lingauth.urls")),
    path("backends", include("console.urls")),
]
