"""What the forms of the settings pages refuse, and beside which field they say so."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict

from console.settings_form import SettingsForm
from console.settings_forms import SECTIONS
from lingauth.models import Backend
from tests.console.settings_support import asking

pytestmark = pytest.mark.once


def sent(section: str, backend: Backend | None = None, **values: Any) -> SettingsForm:
    query = QueryDict(urlsplit(asking(section, **values)).query)
    return SECTIONS[section](query, backend=backend or Backend())


@pytest.mark.parametrize(
    ("section", "values", "complaint"),
    [
        ("sign-in", {"password_min_length": 7}, "A whole number from 8 to 64."),
        ("sign-in", {"password_min_length": "x"}, "A whole number from 8 to 64."),
        ("sessions", {"session_max_age": 31}, "From 1 hour to 30 days."),
        ("sessions", {"session_max_age": ""}, "From 1 hour to 30 days."),
        ("sessions", {"session_max_age_unit": 7}, "From 1 hour to 30 days."),
        ("sessions", {"session_max_age": 10**30}, "From 1 hour to 30 days."),
        ("sessions", {"session_max_idle": -1}, "From 4 minutes to 30 days, or 0."),
        ("sessions", {"session_max_idle": 9}, "signed out while they work."),
        ("sessions", {"access_token_ttl": 1}, "From 2 minutes to 1 hour."),
        ("sessions", {"refresh_reuse_grace": 61}, "Up to 1 minute."),
        ("sessions", {"token_claims": "password"}, "Select a valid choice."),
        ("links", {"add": "javascript://x/y"}, "addresses of this kind are never accepted"),
        ("links", {"add": "https://*.com/**"}, "would match hosts of anybody"),
        ("links", {"site_url": "https://*.example.com"}, "without * and #."),
        ("links", {"site_url": "javascript://x"}, "An address such as"),
        ("links", {"remove": "https://not-there.example"}, "Select a valid choice."),
        ("links", {"mails_per_hour": 0}, "A whole number from 1 to 1000."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    section: str, values: dict[str, Any], complaint: str
) -> None:
    form = sent(section, **values)
    assert not form.is_valid()
    assert complaint in str(form.errors)


def test_every_mistake_is_said_at_once() -> None:
    form = sent("links", add="https://*.com", site_url="nowhere", mails_per_hour=0)
    assert set(form.errors) == {"add", "site_url", "mails_per_hour"}


PAUSE = {"session_max_idle": 10, "session_max_idle_unit": 60}


def test_two_settings_that_fit_together_may_change_together() -> None:
    both = {"session_max_idle": 20, "session_max_idle_unit": 60, "access_token_ttl": 10}
    backend = Backend(session_max_idle=600)
    assert sent("sessions", backend, **both).is_valid()
    form = sent("sessions", backend, access_token_ttl=10, **PAUSE)
    assert list(form.errors) == ["access_token_ttl"]
