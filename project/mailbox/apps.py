"""The mailbox as an app: its templates and its style."""

from __future__ import annotations

from django.apps import AppConfig


class MailboxConfig(AppConfig):
    name = "project.mailbox"
    label = "mailbox"
