"""INV-8: nothing that one backend gave out is accepted by another, nor undone there.

Long, because each kind of thing that is given out has its test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth import get_user_model

from lingauth.core import clock
from lingauth.core.errors import CodeRefused, FactorNotFound
from lingauth.models import Account, Backend, MailToken, RecoveryCode, Session
from lingauth.pages.visits import cookie_name
from lingauth.services import (
    access,
    adoption,
    cookies,
    operator_factors,
    operators,
    recovery,
    signin,
    verification,
)
from lingauth.services.backends import NewBackend
from project.demo.models import Note
from tests.invariants.actions import app_of
from tests.support.app import PASSWORD, App
from tests.support.mailbox import Letter, newest
from tests.support.people import ACTOR, CLIENT, Person
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db


@dataclass
class Namesakes:
    """The same address with the same password at two backends."""

    ours: Person
    theirs: Person
    app: App
    rival: App


@pytest.fixture
def two(made: NewBackend, other: NewBackend) -> Namesakes:
    ours = Person.sign_up(made.backend, "same@example.com").enrol().make_codes()
    theirs = Person.sign_up(other.backend, "same@example.com").enrol().make_codes()
    Note.objects.create(backend=made.backend, owner=ours.account, title="Ours", is_public=True)
    return Namesakes(ours, theirs, app_of(made, ours), app_of(other, theirs))


def test_api_keys(two: Namesakes, made: NewBackend, other: NewBackend) -> None:
    for key in (made.anon_key, made.service_key):
        for path in ("rest/v1/notes", "auth/v1/settings", "auth/v1/user"):
            answer = two.rival.call("GET", path, anonymous=True, headers={"apikey": key})
            assert answer.status_code == 401, path
            assert b"Ours" not in answer.content
    assert two.app.data(anonymous=True).status_code == 200


@pytest.mark.parametrize("with_key", ["its own", "the other's", "none"])
def test_access_tokens(two: Namesakes, made: NewBackend, other: NewBackend, with_key: str) -> None:
    token = two.app.session["access_token"]
    keys = {"its own": made.anon_key, "the other's": other.anon_key, "none": ""}
    headers = {"apikey": keys[with_key]} if keys[with_key] else {}
    rival = App(other.backend.ref, "", session={})
    for method, path in (
        ("GET", "rest/v1/notes"),
        ("POST", "rest/v1/notes"),
        ("GET", "auth/v1/user"),
        ("POST", "auth/v1/factors"),
        ("POST", "auth/v1/logout"),
    ):
        sent = headers or {"apikey": other.anon_key}
        answer = rival.call(method, path, {}, token=token, headers=sent)
        assert answer.status_code in (401, 403), (path, answer.content)
    assert Session.objects.filter(ended_at=None).count() == 2
    assert two.app.auth("GET", "user").status_code == 200


def test_refresh_tokens_and_their_keys(two: Namesakes) -> None:
    token = two.app.session["refresh_token"]
    assert two.rival.refresh(token).json()["code"] == "refresh_token_not_found"
    assert two.rival.refresh(token, key="k").json()["code"] == "refresh_token_not_found"
    child = two.app.refresh(token, key="k")
    assert child.status_code == 200, "a try elsewhere revokes nothing"
    assert two.rival.refresh(token, key="k").json()["code"] == "refresh_token_not_found"
    assert two.app.refresh(child.json()["refresh_token"]).status_code == 200


def test_factors_challenges_and_codes(two: Namesakes) -> None:
    ours = two.ours
    opened = verification.challenge(me=ours.me(), factor_uuid=ours.factor, client=CLIENT)
    own = two.theirs.factor
    body = {"challenge_id": str(opened.id), "code": two.theirs.code()}
    wrong_challenge = two.rival.auth("POST", f"factors/{own}/verify", body)
    assert wrong_challenge.json()["code"] == "mfa_challenge_expired"
    unknown = two.rival.auth("DELETE", "factors/00000000-0000-4000-8000-000000000000")
    for method, path in (
        ("DELETE", f"factors/{ours.factor}"),
        ("POST", f"factors/{ours.factor}/challenge"),
        ("POST", f"factors/{ours.factor}/verify"),
    ):
        answer = two.rival.auth(method, path, body)
        assert (answer.status_code, answer.content) == (unknown.status_code, unknown.content)
    assert two.rival.auth("POST", "mfa/verify", {"code": ours.code()}).status_code == 422
    verification.verify_any(me=ours.me(), code=ours.code(), client=CLIENT)


def test_recovery_codes(two: Namesakes) -> None:
    body = {"code": two.ours.codes[0]}
    assert two.rival.auth("POST", "factors/recovery-codes/verify", body).status_code == 422
    assert not RecoveryCode.objects.exclude(used_at=None)
    recovery.verify(me=two.ours.me(), code=two.ours.codes[0], client=CLIENT)


def test_sessions(two: Namesakes) -> None:
    foreign = two.rival.auth("DELETE", f"sessions/{two.ours.grant.session.pk}")
    assert foreign.status_code == 404
    assert two.app.auth("GET", "user").status_code == 200


def test_page_cookies(two: Namesakes, made: NewBackend, other: NewBackend) -> None:
    cookie = cookies.cookie_for(two.ours.session)
    assert cookies.session_from(ref=other.backend.ref, cookie=cookie) is None
    assert cookies.session_from(ref=made.backend.ref, cookie=cookie) is not None
    two.rival.http.cookies[cookie_name(other.backend.ref)] = cookie
    assert two.rival.http.get(f"/b/{other.backend.ref}/account").status_code == 303


def test_a_kind_of_token_is_no_other_kind(two: Namesakes, made: NewBackend) -> None:
    """A cookie is no refresh token, a refresh token no cookie, an API key no access token."""
    cookie = cookies.cookie_for(two.ours.session)
    token = two.app.session["refresh_token"]
    assert two.app.refresh(cookie).json()["code"] == "refresh_token_not_found"
    assert cookies.session_from(ref=made.backend.ref, cookie=token) is None
    assert two.app.data(token=token).status_code == 401
    assert two.app.data(token=cookie).status_code == 401
    assert two.app.data(token=made.service_key).status_code == 401
    # Before any verification a cookie's counter is one below the token's, as a used token's is.
    newcomer = Person.sign_up(made.backend)
    app = app_of(made, newcomer)
    cookie = cookies.cookie_for(newcomer.session)
    assert app.refresh(cookie).json()["code"] == "refresh_token_not_found"
    assert app.refresh().status_code == 200


def _mail(two: Namesakes, path: str, body: dict[str, Any] | None = None, **options: Any) -> Letter:
    """What a call at our backend has mailed to the address that both backends have."""
    method = "POST" if body else "GET"
    sent = {"email": "same@example.com", **body} if body else None
    assert two.app.auth(method, path, sent, **options).status_code == 200
    return newest("same@example.com")


@pytest.mark.parametrize("kind", ["magiclink", "recovery"])
def test_mailed_codes_and_links(two: Namesakes, kind: str) -> None:
    path = {"magiclink": "otp", "recovery": "recover"}[kind]
    letter = _mail(two, path, {"create_user": False}, anonymous=True)
    by_code = {"type": kind, "email": letter.to, "token": letter.code}
    by_link = {"type": kind, "token_hash": letter.token}
    for body in (by_code, by_link):
        answer = two.rival.auth("POST", "verify", body, anonymous=True)
        assert (answer.status_code, answer.json()["code"]) == (403, "otp_expired")
    assert not MailToken.objects.exclude(used_at=None)
    assert two.app.auth("POST", "verify", by_link, anonymous=True).status_code == 200


def test_links_that_are_followed(two: Namesakes, made: NewBackend, other: NewBackend) -> None:
    Backend.objects.update(one_step_links=True, site_url="https://app.example.com")
    query = urlencode(_mail(two, "recover", {"x": 1}, anonymous=True).query)
    theirs = two.rival.auth("GET", f"verify?{query}", anonymous=True)
    assert "error_code=otp_expired" in theirs["Location"]
    ours = two.app.auth("GET", f"verify?{query}", anonymous=True)
    assert "access_token=" in ours["Location"]


def test_codes_of_flows(two: Namesakes) -> None:
    verifier = "v" * 43
    pkce = {"code_challenge": verifier, "code_challenge_method": "plain"}
    Backend.objects.update(one_step_links=True)
    letter = _mail(two, "recover", pkce, anonymous=True)
    followed = two.app.auth("GET", f"verify?{urlencode(letter.query)}", anonymous=True)
    code = parse_qs(urlsplit(followed["Location"]).query)["code"][0]
    body = {"auth_code": code, "code_verifier": verifier}
    foreign = two.rival.auth("POST", "token?grant_type=pkce", body, anonymous=True)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "flow_state_not_found")
    own = two.app.auth("POST", "token?grant_type=pkce", body, anonymous=True)
    assert own.status_code == 200


def test_nonces(two: Namesakes) -> None:
    nonce = _mail(two, "reauthenticate").code
    body = {"password": "a new horse", "nonce": nonce}
    foreign = two.rival.auth("PUT", "user", body)
    assert (foreign.status_code, foreign.json()["code"]) == (422, "reauthentication_not_valid")
    assert two.app.auth("PUT", "user", body).status_code == 200


def test_changes_of_an_address(two: Namesakes, made: NewBackend) -> None:
    Backend.objects.filter(pk=made.backend.pk).update(auto_confirm=False)
    email = "moved@example.com"
    assert two.app.auth("PUT", "user", {"email": email}).status_code == 200
    for letter in (newest(email), newest("same@example.com")):
        for body in (
            {"type": "email_change", "token_hash": letter.token},
            {"type": "email_change", "email": letter.to, "token": letter.code},
        ):
            answer = two.rival.auth("POST", "verify", body, anonymous=True)
            assert (answer.status_code, answer.json()["code"]) == (403, "otp_expired")
    assert set(Account.objects.values_list("email", flat=True)) == {"same@example.com"}


def test_a_mailed_secret_is_no_other_kind(two: Namesakes, made: NewBackend) -> None:
    """A link is no cookie and no refresh token, a code no second factor, a nonce no way in."""
    Backend.objects.update(mail_cooldown=0)
    letter = _mail(two, "recover", {"x": 1}, anonymous=True)
    assert two.app.refresh(letter.token).status_code == 400
    assert cookies.session_from(ref=made.backend.ref, cookie=letter.token) is None
    assert two.app.data(token=letter.token).status_code == 401
    assert two.app.auth("POST", "mfa/verify", {"code": letter.code}).status_code == 422
    nonce = _mail(two, "reauthenticate").code
    for kind in ("signup", "invite", "magiclink", "recovery", "email_change", "email"):
        body = {"type": kind, "email": "same@example.com", "token": nonce}
        assert two.app.auth("POST", "verify", body, anonymous=True).status_code == 403


def test_one_address_is_mailed_by_each_backend_for_itself(two: Namesakes) -> None:
    body = {"email": "same@example.com"}
    statuses = [
        app.auth("POST", "recover", body, anonymous=True).status_code
        for app in (two.app, two.app, two.rival)
    ]
    assert statuses == [200, 429, 200]


def test_wrong_guesses_at_one_backend_lock_nobody_at_the_other(two: Namesakes) -> None:
    path = "token?grant_type=password"
    body = {"email": "same@example.com", "password": "not this one"}
    statuses = [two.app.auth("POST", path, body, anonymous=True).status_code for _ in range(11)]
    assert statuses[-1] == 429
    two.theirs.sign_in()


def test_an_authenticator_of_an_account_opens_no_console(made: NewBackend) -> None:
    """The same user may be an account and an operator. As an account a password alone adds the
    first authenticator; it must not become an operator's second step, beside their own or not."""
    user = get_user_model()._default_manager.create_user("both@example.com", "", PASSWORD)
    adoption.adopt_users(backend=made.backend, actor=ACTOR)
    operators.create(email="both@example.com", backend=made.backend, role="owner", actor=ACTOR)
    grant = signin.with_password(
        read=lambda key: access.read(ref="acme", email_key=key),
        email="both@example.com",
        password=PASSWORD,
        client=CLIENT,
    )
    person = Person("acme", "both@example.com", grant).enrol()
    assert not operator_factors.exists(user)
    with pytest.raises(FactorNotFound):
        operator_factors.verify(user, person.code(), CLIENT)
    own = operator_factors.enroll(user).secret
    operator_factors.confirm(user, code_for(own, clock.now().timestamp() - 30), CLIENT)
    with pytest.raises(CodeRefused):
        operator_factors.verify(user, person.code(), CLIENT)
    operator_factors.verify(user, code_for(own), CLIENT)


def test_rows_of_the_data_api(two: Namesakes, other: NewBackend) -> None:
    assert two.rival.data().json() == []
    note = Note.objects.get()
    body = {"title": "theirs"}
    for method in ("PATCH", "DELETE"):
        two.rival.data(method, f"notes?id=eq.{note.pk}", body)
        service = {"apikey": other.service_key}
        two.rival.call(
            method, f"rest/v1/notes?id=eq.{note.pk}", body, anonymous=True, headers=service
        )
    assert Note.objects.get().title == "Ours"
