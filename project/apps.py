"""The project as an app: its templates, its ``seed_demo`` command, what happens at each request."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.signals import request_started


class ProjectConfig(AppConfig):
    name = "project"
    label = "project"

    def ready(self) -> None:
        from project.operations.connections import drop_ended

        request_started.connect(drop_ended, dispatch_uid="project.operations.connections")
