"""The cookie that binds a flow to its browser."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from lingauth.conf import settings as ours
from lingauth.models import Backend
from lingauth.services.social import browser

ACME, OTHER = Backend(pk=1, ref="acme"), Backend(pk=2, ref="other")
COOKIE = "Ab0_-" + "x" * 38
NONE = [None, "", "x" * 42, "x" * 44, "x" * 42 + "!", COOKIE + "\n"]


def test_its_name_is_of_this_host_alone_where_the_site_has_tls(settings: Settings) -> None:
    assert browser.cookie_name("acme") == "lingauth-flow-acme"
    settings.LINGAUTH = {**settings.LINGAUTH, "SITE_URL": "https://auth.example.com"}
    assert browser.cookie_name("acme") == "__Host-lingauth-flow-acme"


def test_one_that_is_there_is_kept() -> None:
    assert browser.value_for(COOKIE) == COOKIE


@pytest.mark.parametrize("cookie", NONE)
def test_what_is_none_gives_way_to_a_fresh_one_and_is_nothing(cookie: str | None) -> None:
    made = browser.value_for(cookie)
    assert made != browser.value_for(cookie)
    assert browser.value_for(made) == made
    assert browser.digests(ACME, cookie) == []


def test_a_flow_remembers_it_by_a_digest_of_its_backends() -> None:
    made = browser.digest(ACME, COOKIE)
    assert made == ours.keychain.digest("flow browser", b"1", COOKIE.encode()).hex()
    assert browser.digests(ACME, COOKIE) == [made]
    assert made not in browser.digests(OTHER, COOKIE)
    assert made not in browser.digests(ACME, browser.value_for(None))


def test_it_is_known_again_by_the_root_secret_before(settings: Settings) -> None:
    before, fresh = "a root secret of 32 characters, or so", "another root secret of 32 characters"
    settings.LINGAUTH = {**settings.LINGAUTH, "SECRET_KEYS": [before]}
    made = browser.digest(ACME, COOKIE)
    settings.LINGAUTH = {**settings.LINGAUTH, "SECRET_KEYS": [fresh, before]}
    found = browser.digests(ACME, COOKIE)
    assert made in found
    assert browser.digest(ACME, COOKIE) == found[0] != made
