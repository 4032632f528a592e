"""The request's headers that are part of the dialect: ``Prefer``, ``Accept`` and the profiles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .errors import DataError, shown

SCHEMA: Final = "public"
"""The one schema there is; supabase-js names it in every call."""
PLURAL: Final = "application/json"
SINGULAR: Final = "application/vnd.pgrst.object+json"
_PLURALS: Final = frozenset(
    ("*/*", "application/*", PLURAL, "application/vnd.pgrst.array+json",
     "application/vnd.pgrst.array")
)  # fmt: skip
_SINGULARS: Final = frozenset((SINGULAR, "application/vnd.pgrst.object"))
_ROWS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


class Return(StrEnum):
    MINIMAL = "minimal"
    HEADERS_ONLY = "headers-only"
    REPRESENTATION = "representation"


class Resolution(StrEnum):
    MERGE = "merge-duplicates"
    IGNORE = "ignore-duplicates"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the caller would like (RFC 7240). ``applied`` lists what was understood."""

    give: Return = Return.MINIMAL
    count: bool = False
    resolution: Resolution | None = None
    missing_default: bool = False
    max_affected: int | None = None
    applied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """How to write the answer: one object or a list, with or without keys that are null."""

    single: bool = False
    strip_nulls: bool = False

    @property
    def content_type(self) -> str:
        return f"{SINGULAR if self.single else PLURAL}; charset=utf-8"


def preferences(header: str | None) -> Preferences:
    """Read ``Prefer``. The first of two that disagree wins; unknown ones are ignored,
    unless ``handling=strict``: then they are PGRST122.
    """
    found: dict[str, str] = {}
    unknown: list[str] = []
    for item in (header or "").split(","):
        name, _, value = item.strip().partition("=")
        name, value = name.strip().lower(), value.strip().strip('"')
        if not name or name in found:
            continue
        if _known(name, value):
            found[name] = value
        else:
            unknown.append(shown(item.strip()))
    strict = found.get("handling") == "strict"
    if strict and unknown:
        raise DataError(
            "Invalid preferences given with handling=strict",
            code="PGRST122",
            details=f"Invalid preferences: {', '.join(unknown[:10])}",
        )
    if not strict:
        # PostgREST heeds it only when the caller insists.
        found.pop("max-affected", None)
    if "count" in found:
        # Counting is always exact here, whatever estimate would have done.
        found["count"] = "exact"
    return Preferences(
        give=Return(found.get("return", Return.MINIMAL)),
        count=found.get("count") == "exact",
        resolution=Resolution(found["resolution"]) if "resolution" in found else None,
        missing_default=found.get("missing") == "default",
        max_affected=int(found["max-affected"]) if "max-affected" in found else None,
        applied=tuple(f"{name}={value}" for name, value in found.items()),
    )


def _known(name: str, value: str) -> bool:
    match name:
        case "return":
            return value in set(Return)
        case "resolution":
            return value in set(Resolution)
        case "count":
            return value in ("exact", "planned", "estimated")
        case "missing":
            return value in ("default", "null")
        case "handling":
            return value in ("strict", "lenient")
        case "max-affected":
            return _ROWS.fullmatch(value) is not None
    return False


def accepted(header: str | None) -> Format:
    """The answer's form, from ``Accept``. Raises PGRST107 (406) if none of it is offered."""
    offers = (header or "*/*").lower().split(",")
    for offer in offers:
        media, *parameters = (part.strip() for part in offer.split(";"))
        strip = "nulls=stripped" in parameters and ".pgrst." in media
        if media in _PLURALS:
            return Format(strip_nulls=strip)
        if media in _SINGULARS:
            return Format(single=True, strip_nulls=strip)
    raise DataError(
        f"None of these media types are available: {shown(', '.join(o.strip() for o in offers))}",
        code="PGRST107",
        status=406,
    )


def schema(profile: str | None) -> None:
    """Check ``Accept-Profile`` or ``Content-Profile``. Raises PGRST106 (406)."""
    if profile is not None and profile.strip() not in ("", SCHEMA):
        raise DataError(
            f"Invalid schema: {shown(profile)}",
            code="PGRST106",
            status=406,
            hint=f"Only the following schemas are exposed: {SCHEMA}",
        )
