"""Offers the notes on the data API."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "project.demo"
    label = "demo"
    verbose_name = "Demo"

    def ready(self) -> None:
        from lingauth.data.policies import OwnerRows
        from lingauth.data.registry import Expose, register
        from project.demo.models import Note

        register(
            Note,
            "notes",
            columns=(
                "id",
                Expose("owner", "owner__uuid"),
                "title",
                "body",
                "is_public",
                "created_at",
            ),
            policy=OwnerRows(owner="owner", public="is_public", backend="backend"),
        )
