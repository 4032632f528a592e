"""The frame of the demo app: what the server says, and what it leaves to the scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from project import demo_backend, seeding

pytestmark = pytest.mark.django_db


class Elements(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def page(client: Client) -> str:
    seeding.seed()
    return client.get("/demo/").content.decode()


def test_it_hands_the_scripts_the_address_and_the_public_key_alone(page: str) -> None:
    demo = demo_backend.find()
    assert demo is not None
    script = next(found for found in Elements(page).all("script") if "data-url" in found)
    assert (script["data-url"], script["data-anon-key"]) == ("/b/demo", demo.anon_key)
    assert script["type"] == "module"
    assert "lk_service_" not in page


def test_the_address_is_of_the_host_that_the_page_came_from(page: str) -> None:
    """The policy lets scripts call their own origin alone, and a site may have several names."""
    demo = demo_backend.find()
    assert demo is not None
    assert demo.base_url not in page


def test_nothing_is_inline(page: str) -> None:
    elements = Elements(page)
    for tag, attributes in elements.found:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
    assert not elements.all("style")
    assert all(script.get("src") for script in elements.all("script"))


def test_it_has_the_strict_headers(client: Client) -> None:
    seeding.seed()
    answer = client.get("/demo/")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert client.post("/demo/").status_code == 405


def test_without_javascript_it_leads_to_the_plain_page(page: str) -> None:
    """In the page itself, not only where scripts are switched off: they may fail to arrive."""
    plain = re.search(r"<div [^>]*data-plain>(.*?)</div>", page)
    assert plain is not None
    assert 'href="/b/demo/notes/"' in plain[1]


def test_fields_say_what_password_managers_should_fill_in(page: str) -> None:
    fields = {str(field.get("id")): field for field in Elements(page).all("input")}
    assert fields["sign-in-email"]["autocomplete"] == "username"
    assert fields["sign-in-password"]["autocomplete"] == "current-password"
    assert fields["sign-up-password"]["autocomplete"] == "new-password"
    for name in ("prompt-code", "set-up-code"):
        assert fields[name]["autocomplete"] == "one-time-code"
        assert fields[name]["inputmode"] == "numeric"


def test_every_field_has_a_label(page: str) -> None:
    elements = Elements(page)
    labelled = {label.get("for") for label in elements.all("label")}
    for tag in ("input", "textarea"):
        for field in elements.all(tag):
            if field.get("type") != "hidden" and field.get("role") != "switch":
                assert field.get("id") in labelled


def test_there_is_none_where_there_is_no_demo(client: Client) -> None:
    assert client.get("/demo/").status_code == 404


def test_the_first_page_leads_to_it(client: Client) -> None:
    seeding.seed()
    assert 'href="/demo/"' in client.get("/").content.decode()
