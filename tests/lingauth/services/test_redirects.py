"""The places a backend's flows return to, and the settings that name them."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.core.errors import ValidationFailed
from lingauth.models import Backend
from lingauth.services import backends, policy, redirects
from lingauth.services.context import Actor

pytestmark = [pytest.mark.once, pytest.mark.django_db]
SYSTEM = Actor.system("tests")
SITE = "https://app.example.com/home"


@pytest.fixture
def backend() -> Backend:
    made = backends.create_backend(ref="acme", name="Acme", actor=SYSTEM).backend
    made.site_url, made.redirect_urls = SITE, ["https://*.example.net/cb"]
    return made


@pytest.mark.parametrize("url", ["https://app.example.com/x", "https://a.example.net/cb"])
def test_a_listed_place_is_returned_to_without_its_fragment(backend: Backend, url: str) -> None:
    assert redirects.target(backend=backend, given=f"{url}#a=b") == url


def test_another_place_gives_way_to_a_listed_referer(backend: Backend) -> None:
    page = "https://app.example.com/page"
    assert redirects.target(backend=backend, given="https://evil.example/", referer=page) == page


@pytest.mark.parametrize("given", [None, "", "https://evil.example/", "javascript:alert(1)"])
def test_without_a_listed_place_the_site_is_returned_to(backend: Backend, given: Any) -> None:
    referer = "https://evil.example/"
    assert redirects.target(backend=backend, given=given, referer=referer) == SITE


def test_without_a_site_our_own_account_page_is_returned_to(backend: Backend) -> None:
    backend.site_url = ""
    account = f"{backends.base_url(backend)}/account"
    assert redirects.target(backend=backend, given="https://evil.example/") == account


def test_hosted_pages_are_always_listed_and_nothing_else_of_our_site(backend: Backend) -> None:
    base = backends.base_url(backend)
    assert redirects.is_allowed(backend, f"{base}/account")
    elsewhere = (
        base.replace("/b/acme", "/backends"),
        base.replace("/acme", "/other/account"),
        f"{base}/auth/v1/verify",
        f"{base}/rest/v1/notes",
    )
    backend.site_url = ""
    for url in elsewhere:
        assert not redirects.is_allowed(backend, url), url


@pytest.mark.parametrize(
    "changes",
    [
        {"site_url": SITE},
        {"site_url": ""},
        {"site_url": "http://localhost:3000"},
        {"redirect_urls": []},
        {"redirect_urls": ["https://*.example.com/**", "com.example.app://callback"]},
    ],
)
def test_places_that_can_be_set(backend: Backend, changes: dict[str, Any]) -> None:
    policy.change(backend_id=backend.pk, changes=changes, actor=SYSTEM)
    assert Backend.objects.values(*changes).get() == changes


@pytest.mark.parametrize(
    "changes",
    [
        {"site_url": "app.example.com"},
        {"site_url": "javascript:alert(1)"},
        {"site_url": "https://*.example.com"},
        {"site_url": "http://192.0.2.1"},
        {"site_url": None},
        {"redirect_urls": "https://app.example.com/**"},
        {"redirect_urls": ["**"]},
        {"redirect_urls": ["https://**"]},
        {"redirect_urls": [5]},
        {"redirect_urls": None},
        {"redirect_urls": ["https://app.example.com/**"] * 51},
        {"redirect_urls": ["https://app.example.com/" + "a" * 480]},
    ],
)
def test_places_that_cannot_be_set(backend: Backend, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed, match=f"^{next(iter(changes))}: .*\\.$"):
        policy.change(backend_id=backend.pk, changes=changes, actor=SYSTEM)


@pytest.mark.parametrize("value", [None, 5, False, []])
def test_a_site_is_a_text(value: object) -> None:
    with pytest.raises(ValueError, match=r"^An address such as "):
        redirects.checked_site_url(value)
    assert redirects.checked_site_url("") == ""


def test_there_are_at_most_fifty_patterns() -> None:
    patterns = ["https://app.example.com/**"] * 50
    assert redirects.checked_patterns(patterns) == patterns
    with pytest.raises(ValueError, match=r"^At most 50 patterns\.$"):
        redirects.checked_patterns([*patterns, "https://app.example.com/**"])
