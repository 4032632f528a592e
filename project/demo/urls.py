"""The demo's pages: the notes below every backend, and the app of the demo's own."""

from __future__ import annotations

from django.urls import path

from project.demo import app, views

app_name = "demo"

urlpatterns = [
    path("b/<slug:ref>/notes/", views.notes, name="notes"),
    path("demo/", app.app, name="app"),
]
