"""A short access token for an app on the same site."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.lingauth.pages.people import Person


def claims(token: str) -> dict[str, object]:
    import base64
    import json

    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_the_session_of_the_cookie_gets_a_token(ana: Person) -> None:
    answer = ana.post("access-token")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {
        "access_token", "token_type", "expires_in", "expires_at", "user", "aal",
    }  # fmt: skip
    assert body["expires_in"] == 300
    assert body["expires_at"] == int(ana.clock_now().timestamp()) + 300
    assert body["aal"] == "aal1"
    said = claims(body["access_token"])
    assert said["session_id"] == str(ana.sessions[0].pk)
    assert said["sub"] == body["user"]["id"]
    assert "refresh_token" not in body


def test_after_the_code_it_is_at_aal2(mia: Person) -> None:
    body = mia.post("access-token").json()
    assert body["aal"] == "aal2"
    assert claims(body["access_token"])["aal"] == "aal2"


def test_nobody_gets_none(ana: Person) -> None:
    ana.post("sign-out")
    answer = ana.post("access-token")
    assert answer.status_code == 401
    assert answer.json()["code"] == "session_not_found"


def test_it_is_asked_for_with_post_only(ana: Person) -> None:
    assert ana.get("access-token").status_code == 405


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://evil.testserver"])
def test_another_sites_page_gets_none(ana: Person, origin: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = ana.client.cookies
    page = client.get("/b/acme/account").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    headers = {"X-CSRFToken": token[1]}
    assert client.post("/b/acme/access-token", headers=headers).status_code == 200
    refused = client.post("/b/acme/access-token", headers={**headers, "Origin": origin})
    assert refused.status_code == 403
    assert "access_token" not in refused.content.decode()
