"""Which changes of settings are warned of."""

from __future__ import annotations

import pytest

from console.settings_effects import describe, lowering
from console.settings_words import NAMES

pytestmark = pytest.mark.once

LOWER = {
    "auto_confirm": (False, True),
    "anonymous_enabled": (False, True),
    "password_min_length": (15, 8),
    "single_session": (True, False),
    "session_max_age": (3600, 7200),
    "session_max_idle": (3600, 0),
    "aal2_max_age": (300, 600),
    "aal2_max_idle": (300, 600),
    "access_token_ttl": (300, 600),
    "refresh_reuse_grace": (0, 10),
    "token_claims": ([], ["email"]),
    "site_url": ("", "https://evil.example"),
    "redirect_urls": ([], ["https://evil.example/**"]),
    "one_step_links": (False, True),
    "secure_email_change": (True, False),
    "mail_cooldown": (60, 0),
    "mails_per_hour": (5, 50),
}


@pytest.mark.parametrize("name", LOWER)
def test_the_way_down_is_warned_of_and_the_way_up_is_not(name: str) -> None:
    strict, loose = LOWER[name]
    assert len(lowering({name: strict}, {name: loose})) == 1
    assert lowering({name: loose}, {name: strict}) == []
    assert lowering({name: loose}, {name: loose}) == []


def test_no_limit_is_the_loosest_one() -> None:
    assert lowering({"session_max_idle": 0}, {"session_max_idle": 3600}) == []
    assert lowering({"session_max_idle": 3600}, {"session_max_idle": 7200})


@pytest.mark.parametrize("name", LOWER)
def test_every_change_is_told_in_words(name: str) -> None:
    strict, loose = LOWER[name]
    told = describe({name: strict}, {name: loose})
    assert told.question == f"Change “{NAMES[name][0]}”?"
    assert told.sentences[0].startswith(f"{NAMES[name][0]}: ")
    assert told.lowers
