"""Template words: times, counts, and which page is the current one."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console import words

register = template.Library()


@register.filter
def time(at: datetime | None) -> SafeString | str:
    """A moment as ``<time>``: in UTC here, in the reader's zone once the script has run."""
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>',
        at.isoformat(timespec="seconds"),
        words.moment(at),
    )


@register.filter
def day(at: datetime) -> SafeString:
    """The day of a moment, as ``<time>``."""
    return format_html(
        '<time datetime="{}" data-day>{}</time>', at.isoformat(timespec="seconds"), words.day(at)
    )


@register.filter
def grouped(number: int) -> str:
    """``1204`` → ``1,204``."""
    return f"{number:,}"


@register.filter
def counted(number: int, nouns: str) -> str:
    """``3|counted:"account,accounts"`` → ``3 accounts``."""
    one, many = nouns.split(",")
    return words.count(number, one, many)
