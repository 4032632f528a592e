"""Forms from elsewhere, and the headers on every answer."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from lingauth.models import Backend
from lingauth.pages.security import HEADERS
from tests.console.support import Operator, dangers, text
from tests.console.test_access import ON, addresses

FORMS = [
    ON,
    "/backends/demo/history/2/undo",
    "/backends/sign-out",
    "/backends/sign-in",
    "/backends/verify",
    "/backends/theme",
]


@pytest.mark.parametrize("address", FORMS)
def test_no_form_counts_without_its_token(owner: Operator, demo: Backend, address: str) -> None:
    for data in ({}, {"csrfmiddlewaretoken": "x" * 64}):
        assert owner.client.post(address, data).status_code == 403
    stranger = Client(enforce_csrf_checks=True)
    page = stranger.get("/backends/sign-in")
    assert page.status_code == 200
    foreign = stranger.cookies[settings.CSRF_COOKIE_NAME].value
    assert owner.client.post(address, {"csrfmiddlewaretoken": foreign}).status_code == 403
    assert owner.get("/backends").status_code == 200
    demo.refresh_from_db()
    assert demo.mfa_mode == "optional"


@pytest.mark.parametrize("address", FORMS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
    ],
)
def test_no_form_counts_that_another_site_sent(
    owner: Operator, demo: Backend, address: str, headers: dict[str, str]
) -> None:
    assert owner.post(address, headers=headers).status_code == 403
    assert owner.get("/backends").status_code == 200
    demo.refresh_from_db()
    assert demo.mfa_mode == "optional"


def test_a_form_of_our_own_counts(owner: Operator, demo: Backend) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
    assert owner.post(ON, headers=headers).status_code == 303
    demo.refresh_from_db()
    assert demo.mfa_mode == "required"


@pytest.mark.parametrize("address", [*addresses(), "/backends/missing/users"])
def test_every_answer_has_the_headers(owner: Operator, address: str) -> None:
    for response in (owner.get(address), Client().get(address), owner.post(address)):
        for name, value in HEADERS.items():
            assert response[name] == value, f"{name} at {address}: {response.status_code}"


NAMED = (
    *("undo", "settings_review", "key_replace", "key_revoke", "signing_revoke"),
    *("provider", "provider_remove"),
)
"""Pages about something that is not there in these tests."""

PLAIN = addresses("theme", "sign_out", "backend", *NAMED)


@pytest.mark.parametrize("address", sorted(PLAIN))
def test_no_page_has_anything_inline(owner: Operator, newcomer: Operator, address: str) -> None:
    for operator in (owner, Operator("stranger@console.test")):
        response = operator.client.get(address + "?version=1&require=on", follow=True)
        assert response.status_code == 200
        assert dangers(response) == []


@pytest.mark.parametrize("theme", ["light", "dark", "system", "<script>"])
def test_the_theme_is_kept_and_drawn_by_the_server(owner: Operator, theme: str) -> None:
    back = "/backends/demo/users"
    assert owner.post("/backends/theme", {"theme": theme, "return_to": back})["Location"] == back
    body = owner.get(back).content.decode()
    chosen = theme if theme in ("light", "dark") else "system"
    assert f'value="{chosen}" aria-pressed="true"' in body
    assert (f'data-theme="{theme}"' in body) == (chosen != "system")


def test_the_sign_in_page_names_no_backend(demo: Backend) -> None:
    assert demo.name not in text(Client().get("/backends/sign-in"))
