"""Providers in the console: added, changed, removed, with a secret that is never shown."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from lingauth.models import Backend, Event, Provider
from lingauth.services import providers
from lingauth.services.social import discovery
from tests.console.support import Operator, text
from tests.support.openid import running

pytestmark = pytest.mark.once

PAGE = "/backends/demo/providers"
SECRET = "the-secret-that-is-kept"
GITHUB = {
    "label": "GitHub",
    "client_id": "Iv1.1",
    "secret": SECRET,
    "scopes": "read:user user:email",
    "trusts_email": "on",
    "is_enabled": "on",
}


def add(operator: Operator, **changes: str) -> Any:
    return operator.post(f"{PAGE}/new?provider=github", GITHUB | changes)


def row() -> Provider:
    return Provider.objects.get()


def test_the_page_offers_the_usual_ones_and_names_the_callback(owner: Operator) -> None:
    words = text(owner.get(PAGE))
    for label in ("Google", "GitHub", "Apple", "Microsoft", "Another, by OpenID Connect"):
        assert label in words
    assert "http://127.0.0.1:8000/b/demo/auth/v1/callback" in words


def test_one_is_added(owner: Operator, demo: Backend) -> None:
    assert add(owner).headers["Location"] == PAGE
    assert providers.enabled(demo) == [("github", "GitHub")]
    words = text(owner.get(PAGE))
    assert "Saved." in words
    assert "GitHub On" in words
    told = Event.objects.get(kind="provider_changed")
    assert told.actor_kind == "operator"
    assert told.data["provider"] == "github"


def test_the_secret_is_on_no_page_and_in_no_row(owner: Operator) -> None:
    add(owner)
    for address in (PAGE, f"{PAGE}/github"):
        assert SECRET not in owner.get(address).content.decode()
    assert "Leave this empty to keep it." in text(owner.get(f"{PAGE}/github"))
    assert SECRET.encode() not in bytes(row().secret or b"")
    assert SECRET not in str(list(Event.objects.values()))
    assert SECRET not in add(owner, label="").content.decode(), "nor on the form once more"


def test_an_empty_secret_keeps_the_one_there_is(owner: Operator) -> None:
    add(owner)
    changed = GITHUB | {"secret": "", "label": "Octocats"}
    assert owner.post(f"{PAGE}/github", changed).status_code == 303
    assert (row().label, providers.secret_of(row())) == ("Octocats", SECRET)


def test_a_box_that_is_not_ticked_is_off(owner: Operator) -> None:
    add(owner)
    left = {name: value for name, value in GITHUB.items() if value != "on"}
    owner.post(f"{PAGE}/github", left)
    assert not row().is_enabled
    assert not row().trusts_email
    assert "GitHub Off" in text(owner.get(PAGE))


def test_one_that_cannot_be_reached_is_saved_and_said(owner: Operator) -> None:
    body = GITHUB | {"name": "corp", "label": "Corp", "scopes": "openid email"}
    owner.post(f"{PAGE}/new", body | {"issuer": "https://127.0.0.1:9"})
    assert row().name == "corp"
    assert "cannot be used yet: its address is not public." in text(owner.get(PAGE))


def test_one_that_can_be_reached_is_said_to_be_saved(
    owner: Operator, settings: Settings, clock: time_machine.Traveller
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": True}
    discovery.forget()
    with running() as openid:
        body = GITHUB | {"name": "corp", "issuer": openid.base, "scopes": "openid"}
        owner.post(f"{PAGE}/new", body | {"other_client_ids": "ios-1\nandroid-1"})
    assert "Saved." in text(owner.get(PAGE))
    assert row().other_client_ids == ["ios-1", "android-1"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"issuer": "http://corp.example"}, "its address begins with https://"),
        ({"issuer": "corp"}, "an address such as"),
        ({"issuer": "https://login.microsoftonline.com/common/v2.0"}, "your own tenant's"),
        ({"scopes": "email"}, "openid has to be among them"),
        ({"name": "saml"}, "cannot be the name of a provider"),
        ({"name": "Corp!"}, "valid"),
        ({"client_id": ""}, "required"),
    ],
)
def test_what_cannot_be_is_said_and_not_saved(
    owner: Operator, changes: dict[str, str], sentence: str
) -> None:
    body = GITHUB | {"name": "corp", "issuer": "https://sso.example.com", "scopes": "openid"}
    answer = owner.post(f"{PAGE}/new", body | changes)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Provider.objects.exists()


def test_a_name_is_added_once(owner: Operator) -> None:
    add(owner)
    body = GITHUB | {"name": "github", "issuer": "https://sso.example.com"}
    assert "There is a provider of that name already." in text(owner.post(f"{PAGE}/new", body))
    assert owner.get(f"{PAGE}/new?provider=github").headers["Location"] == f"{PAGE}/github"


def test_one_is_removed_after_a_question(owner: Operator) -> None:
    add(owner)
    assert "Remove GitHub?" in text(owner.get(f"{PAGE}/github/remove"))
    assert Provider.objects.exists()
    assert owner.post(f"{PAGE}/github/remove").headers["Location"] == PAGE
    assert not Provider.objects.exists()
    assert owner.get(f"{PAGE}/github").status_code == 404


def test_a_viewer_sees_them_and_changes_none(viewer: Operator, demo: Backend) -> None:
    page = viewer.get(PAGE)
    assert "You are a viewer of this backend." in text(page)
    assert b"/providers/new" not in page.content
    for address in (f"{PAGE}/new", f"{PAGE}/github", f"{PAGE}/github/remove"):
        assert viewer.get(address).status_code == 403
        assert viewer.post(address, GITHUB).status_code == 403


def test_a_change_needs_a_recent_code(owner: Operator, clock: time_machine.Traveller) -> None:
    clock.shift(660)
    assert add(owner).headers["Location"].startswith("/backends/verify?")
    assert not Provider.objects.exists()
