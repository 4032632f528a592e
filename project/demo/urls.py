"""The demo's page, below every backend."""

from __future__ import annotations

from django.urls import path

from project.demo import views

app_name = "demo"

urlpatterns = [path("b/<slug:ref>/notes/", views.notes, name="notes")]
