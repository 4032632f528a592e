"""Where everything is: the landing page, every backend under ``/b/<ref>/``, the console."""

from __future__ import annotations

from django.urls import include, path

from project import views

handler400 = "project.problems.bad_request"
handler403 = "project.problems.forbidden"
handler404 = "project.problems.not_found"
handler500 = "project.problems.failed"

urlpatterns = [
    path("", views.landing, name="landing"),
    path("", include("project.demo.urls")),
    path("", include("project.mailbox.urls")),
    path("b/<slug:ref>/", include("lingauth.urls")),
    path("backends", include("console.urls")),
]
