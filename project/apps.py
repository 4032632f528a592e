"""The project as an app: its templates and its ``seed_demo`` command."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "project"
    label = "project"
