"""GitHub: where it is, what it is asked, and which of the addresses it tells are believed."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.models import Provider
from lingauth.services.social import github
from lingauth.services.social.calls import Answer, ProviderTrouble
from lingauth.services.social.discovery import Configuration
from lingauth.services.social.profile import Profile

USER: dict[str, Any] = {"id": 4711, "login": "ada", "name": "Ada", "avatar_url": "https://a/1"}
HEADERS = {
    "Authorization": "Bearer at-1",
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
}


def row(email: Any, verified: Any = True, primary: Any = False) -> dict[str, Any]:
    return {"email": email, "verified": verified, "primary": primary}


class Api:
    """GitHub's two answers, and what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.user, self.emails = Answer(200, USER), Answer(200, [])
        self.asked: list[tuple[str, object]] = []
        monkeypatch.setattr(github, "call", self.call)

    def call(self, url: str, *, headers: object) -> Answer:
        self.asked.append((url, headers))
        return self.emails if url.endswith("/emails") else self.user

    def tells(self, *rows: Any) -> Profile:
        self.emails = Answer(200, list(rows))
        return github.profile(Provider(), "at-1")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    return Api(monkeypatch)


@pytest.mark.parametrize(
    ("issuer", "base"),
    [
        ("", "https://github.com"),
        ("https://git.example.com", "https://git.example.com"),
        ("https://git.example.com/X/", "https://git.example.com/X"),
    ],
)
def test_where_it_is(issuer: str, base: str) -> None:
    assert github.configuration(Provider(issuer=issuer)) == Configuration(
        issuer=f"{base}/login/oauth",
        authorization_endpoint=f"{base}/login/oauth/authorize",
        token_endpoint=f"{base}/login/oauth/access_token",
        jwks_uri="",
        client_auth="client_secret_post",
        sends_issuer=False,
    )


@pytest.mark.parametrize(
    ("issuer", "base"),
    [
        ("", "https://api.github.com"),
        ("https://git.example.com", "https://git.example.com/api/v3"),
        ("https://git.example.com/X/", "https://git.example.com/X/api/v3"),
    ],
)
def test_what_it_is_asked(api: Api, issuer: str, base: str) -> None:
    github.profile(Provider(issuer=issuer), "at-1")
    assert api.asked == [(f"{base}/user", HEADERS), (f"{base}/user/emails", HEADERS)]


def test_who_it_is(api: Api) -> None:
    found = api.tells(row("ada@home.example"), row("ada@example.com", primary=True))
    assert found == Profile(
        issuer="https://github.com/login/oauth",
        subject="4711",
        email="ada@example.com",
        verified=("ada@home.example", "ada@example.com"),
        named={
            "name": "Ada",
            "full_name": "Ada",
            "user_name": "ada",
            "preferred_username": "ada",
            "avatar_url": "https://a/1",
        },
    )


def test_without_a_primary_address_the_first_is_shown(api: Api) -> None:
    found = api.tells(row("a@example.com", primary=1), row("b@example.com", primary=None))
    assert found.email == "a@example.com"


@pytest.mark.parametrize("verified", [False, None, 1, "true"])
def test_an_address_is_proven_if_it_says_true(api: Api, verified: object) -> None:
    found = api.tells(row("ada@example.com", verified), row("ada@home.example"))
    assert (found.email, found.verified) == ("ada@example.com", ("ada@home.example",))


def test_an_operator_may_not_believe_it(api: Api) -> None:
    api.emails = Answer(200, [row("ada@example.com")])
    found = github.profile(Provider(trusts_email=False), "at-1")
    assert (found.email, found.verified) == ("ada@example.com", ())


@pytest.mark.parametrize(
    "other",
    [
        "ada@example.com",
        None,
        row(None),
        row("nonsense"),
        row("4711+ada@users.noreply.github.com", primary=True),
        row("ada@USERS.noreply.GitHub.com", primary=True),
    ],
)
def test_what_is_no_address_of_theirs_is_left_out(api: Api, other: Any) -> None:
    found = api.tells(other, row("b@example.com"))
    assert (found.email, found.verified) == ("b@example.com", ("b@example.com",))
    assert api.tells(other).email == ""


@pytest.mark.parametrize("answer", [Answer(403, [row("a@example.com")]), Answer(200, {"x": "y"})])
def test_without_leave_to_see_addresses_there_are_none(api: Api, answer: Answer) -> None:
    api.emails = answer
    found = github.profile(Provider(), "at-1")
    assert (found.subject, found.email, found.verified) == ("4711", "", ())


@pytest.mark.parametrize("user_id", [None, "4711", 4.5])
def test_a_subject_is_a_number(api: Api, user_id: object) -> None:
    api.user = Answer(200, {**USER, "id": user_id})
    with pytest.raises(ProviderTrouble, match=r"^it names nobody$"):
        github.profile(Provider(), "at-1")


def test_who_it_is_has_to_be_told(api: Api) -> None:
    api.user = Answer(401, USER)
    with pytest.raises(ProviderTrouble, match=r"^status 401$"):
        github.profile(Provider(), "at-1")


@pytest.mark.parametrize(
    ("name", "kept"),
    [("x", True), ("x" * 500, True), ("x" * 501, False), ("", False), (5, False), ("a\x00", False)],
)
def test_a_name_is_a_printable_text_of_at_most_500_characters(
    api: Api, name: object, kept: bool
) -> None:
    api.user = Answer(200, {"id": 1, "name": name})
    assert api.tells().named == ({"name": name, "full_name": name} if kept else {})
