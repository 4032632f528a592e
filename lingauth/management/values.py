"""``name=value`` on a command line, turned into what a backend's field holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError
from django.db import models
from django.utils.dateparse import parse_datetime

from lingauth.core import clock
from lingauth.models import Backend

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_WORDS = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


def parse_assignments(assignments: list[str], settable: Sequence[str]) -> dict[str, Any]:
    """The changes that ``name=value`` words ask for. CommandError for the first wrong one."""
    changes: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise CommandError(f"{assignment!r} is not name=value, such as mfa_mode=required.")
        if name not in settable:
            known = ", ".join(sorted(settable))
            raise CommandError(f"There is no setting {name!r}. There are: {known}.")
        changes[name] = _parse(name, text.strip())
    return changes


def shown(value: object) -> str:
    """A field's value as this command would take it."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"
    return str(value)


def _parse(name: str, text: str) -> Any:
    field = Backend._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise CommandError(f"{name} cannot be set.")
    if isinstance(field, models.BooleanField):
        if text.lower() not in _WORDS:
            raise CommandError(f"{name} is on or off, not {text!r}.")
        return _WORDS[text.lower()]
    if isinstance(field, models.DateTimeField):
        return _moment(name, text)
    if isinstance(field, models.JSONField):
        return [word for word in text.replace(",", " ").split() if word != "none"]
    if isinstance(field, models.IntegerField):
        return whole(name, text)
    if field.choices and text not in (choices := [str(value) for value, _ in field.choices]):
        raise CommandError(f"{name} is one of {', '.join(choices)}, not {text!r}.")
    return "" if text == "none" else text


def whole(name: str, text: str) -> int:
    """A number, or a time such as 90s, 15m, 12h, 7d in seconds."""
    found = re.fullmatch(r"([0-9]{1,9})([smhd]?)", text)
    if not found:
        raise CommandError(f"{name} is a whole number or a time such as 15m or 7d, not {text!r}.")
    return int(found[1]) * _UNITS[found[2]]


def _moment(name: str, text: str) -> datetime | None:
    """``none``, ``now`` or an ISO 8601 time; without an offset it is UTC."""
    if text == "none":
        return None
    if text == "now":
        return clock.now()
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(
            f"{name} is none, now or a time such as 2026-09-01T08:00+02:00, not {text!r}."
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
