"""Links and codes that a backend's own server mails. Long: each type of link has its rules."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail

from lingauth.models import Account, Backend, Event, MailToken
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import change, create, stored
from tests.support.app import PASSWORD, App

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PROPERTIES = {"action_link", "email_otp", "hashed_token", "verification_type", "redirect_to"}
NEW = "another horse battery"


@pytest.fixture(autouse=True)
def site(made: NewBackend) -> None:
    """The app has a site, and addresses are confirmed by mail."""
    Backend.objects.filter(pk=made.backend.pk).update(
        site_url="https://app.example.com", auto_confirm=False
    )


def ask(server: Server, query: str = "", **body: Any) -> Any:
    return server.call("POST", f"admin/generate_link{query}", body)


def generate(server: Server, **body: Any) -> dict[str, Any]:
    """The link and its account, taken apart as the client does."""
    answer = ask(server, **body)
    assert answer.status_code == 200, answer.content
    made: dict[str, Any] = answer.json()
    properties = {name: made.pop(name) for name in PROPERTIES}
    made.pop("new_email", None)
    contract.user(made)
    return {"user": made, **properties}


def verify(app: App, **body: Any) -> Any:
    return app.auth("POST", "verify", body, anonymous=True)


@pytest.mark.parametrize("type", ["signup", "invite", "magiclink", "recovery"])
@pytest.mark.parametrize("way", ["hash", "code"])
def test_each_type_signs_in_once(server: Server, app: App, type: str, way: str) -> None:
    if type in ("magiclink", "recovery"):
        server.create()
    made = generate(server, type=type, email="ann@example.com")
    assert made["verification_type"] == type
    assert made["user"]["email"] == "ann@example.com"
    assert mail.outbox == []
    proof: dict[str, str] = {"token_hash": made["hashed_token"]}
    if way == "code":
        proof = {"email": "ann@example.com", "token": made["email_otp"]}
    granted = contract.session(verify(app, type=type, **proof))
    assert granted["user"]["id"] == made["user"]["id"]
    assert granted["user"]["email_confirmed_at"]
    contract.refused(verify(app, type=type, **proof), 403, "otp_expired")


def test_the_link_is_in_the_contracts_form(server: Server) -> None:
    made = generate(server, type="magiclink", email="ann@example.com")
    url = urlsplit(made["action_link"])
    assert made["action_link"].startswith("http://127.0.0.1:8000/b/acme/auth/v1/verify?")
    assert parse_qs(url.query) == {
        "token": [made["hashed_token"]],
        "type": ["signup"],
        "redirect_to": ["https://app.example.com"],
    }
    assert made["verification_type"] == "signup", "there was no account: the link makes one"
    assert made["redirect_to"] == "https://app.example.com"


def test_where_it_returns_to(server: Server) -> None:
    allowed, query = (
        "https://app.example.com/x?y=1",
        "?redirect_to=https%3A%2F%2Fapp.example.com%2Fq",
    )
    body = {"type": "magiclink", "email": "ann@example.com"}
    assert ask(server, redirect_to=allowed, **body).json()["redirect_to"] == allowed
    in_query = ask(server, query, redirect_to=allowed, **body).json()
    assert in_query["redirect_to"] == "https://app.example.com/q"
    for evil in (
        "https://evil.example",
        "https://app.example.com.evil.example",
        "javascript:x",
        "",
    ):
        made = ask(server, redirect_to=evil, **body).json()
        assert made["redirect_to"] == "https://app.example.com"
        assert "evil" not in made["action_link"]


def test_a_host_header_changes_no_link(server: Server) -> None:
    """EM-06."""
    headers = {"apikey": server.key, "host": "testserver", "x-forwarded-host": "evil.example"}
    body = {"type": "magiclink", "email": "ann@example.com"}
    answer = server.call("POST", "admin/generate_link", body, headers=headers)
    assert "evil" not in answer.content.decode()


def test_opening_the_link_leads_on(server: Server, app: App, made: NewBackend) -> None:
    change(made, one_step_links=True)
    link = generate(server, type="magiclink", email="ann@example.com")["action_link"]
    answer = app.http.get(link.removeprefix("http://127.0.0.1:8000"))
    assert answer.status_code == 303
    assert answer["Location"].startswith("https://app.example.com#access_token=")


def test_data_is_exactly_the_user_metadata_of_a_new_account(server: Server) -> None:
    made = generate(server, type="invite", email="ann@example.com", data={"name": "Ann"})
    assert made["user"]["user_metadata"] == {"name": "Ann"}
    again = generate(server, type="signup", email="ann@example.com", data={"city": "Rome"})
    assert again["user"]["user_metadata"] == {"name": "Ann", "city": "Rome"}
    confirmed = server.create("bob@example.com", user_metadata={"a": 1})
    kept = generate(server, type="magiclink", email="bob@example.com", data={"b": 2})
    assert kept["user"]["id"] == confirmed["id"]
    assert kept["user"]["user_metadata"] == {"a": 1}


def test_the_password_of_a_sign_up_comes_with_its_link(server: Server, app: App) -> None:
    made = generate(server, type="signup", email="ann@example.com", password=NEW)
    app.email = "ann@example.com"
    body = {"email": app.email, "password": NEW}
    early = app.auth("POST", "token?grant_type=password", body, anonymous=True)
    contract.refused(early, 400, "email_not_confirmed")
    contract.session(verify(app, type="signup", token_hash=made["hashed_token"]))
    app.sign_in(NEW)


@pytest.mark.parametrize("type", ["signup", "invite", "magiclink", "recovery"])
def test_a_password_that_a_stranger_chose_does_not_survive(
    server: Server, app: App, type: str
) -> None:
    """Somebody signed up with Ann's address and waits for her to confirm it."""
    body = {"email": "ann@example.com", "password": PASSWORD}
    app.auth("POST", "signup", body, anonymous=True)
    made = generate(server, type=type, email="ann@example.com")
    contract.session(verify(app, type=type, token_hash=made["hashed_token"]))
    answer = app.auth("POST", "token?grant_type=password", body, anonymous=True)
    contract.refused(answer, 400, "invalid_credentials")


def test_a_new_link_voids_the_one_before(server: Server, app: App) -> None:
    first = generate(server, type="invite", email="ann@example.com")
    second = generate(server, type="invite", email="ann@example.com")
    old = verify(app, type="invite", token_hash=first["hashed_token"])
    contract.refused(old, 403, "otp_expired")
    contract.session(verify(app, type="invite", token_hash=second["hashed_token"]))


def test_an_address_is_changed_by_both_links(server: Server, app: App) -> None:
    made = server.create(password=PASSWORD)
    body = {"email": "ann@example.com", "new_email": "new@example.com"}
    answer = ask(server, type="email_change_current", **body).json()
    assert answer["new_email"] == "new@example.com"
    assert answer["verification_type"] == "email_change_current"
    assert parse_qs(urlsplit(answer["action_link"]).query)["type"] == ["email_change"]
    new = generate(server, type="email_change_new", **body)
    half = verify(app, type="email_change", token_hash=answer["hashed_token"])
    assert half.json()["code"] == "200"
    done = verify(app, type="email_change", token_hash=new["hashed_token"])
    assert contract.session(done)["user"]["email"] == "new@example.com"
    assert server.get(made["id"])["email"] == "new@example.com"


def test_consent_to_one_change_is_none_to_another(server: Server, app: App) -> None:
    server.create()
    body = {"email": "ann@example.com"}
    current = generate(server, type="email_change_current", new_email="b@example.com", **body)
    evil = generate(server, type="email_change_new", new_email="evil@example.com", **body)
    old = verify(app, type="email_change", token_hash=current["hashed_token"])
    contract.refused(old, 403, "otp_expired")
    half = verify(app, type="email_change", token_hash=evil["hashed_token"])
    assert half.json()["code"] == "200"
    assert Account.objects.get().email == "ann@example.com"


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no type": ({"email": "ann@example.com"}, 400, "validation_failed"),
    "another type": ({"type": "reauthentication", "email": "ann@example.com"}, 400,
                     "validation_failed"),
    "no address": ({"type": "magiclink"}, 400, "validation_failed"),
    "a bad address": ({"type": "magiclink", "email": "ann"}, 400, "validation_failed"),
    "recovery of nobody": ({"type": "recovery", "email": "no@example.com"}, 404, "user_not_found"),
    "a change of nobody": ({"type": "email_change_new", "email": "no@example.com",
                            "new_email": "b@example.com"}, 404, "user_not_found"),
    "a sign-up of somebody": ({"type": "signup", "email": "ann@example.com", "password": NEW}, 422,
                              "email_exists"),
    "an invitation of somebody": ({"type": "invite", "email": "ANN@example.com"}, 422,
                                  "email_exists"),
    "a change to nothing": ({"type": "email_change_new", "email": "ann@example.com"}, 400,
                            "validation_failed"),
    "a change to what is taken": ({"type": "email_change_new", "email": "ann@example.com",
                                   "new_email": "bob@example.com"}, 422, "email_exists"),
    "a weak password": ({"type": "signup", "email": "c@example.com", "password": "x"}, 422,
                        "weak_password"),
    "large data": ({"type": "invite", "email": "c@example.com", "data": {"a": "x" * 17000}}, 400,
                   "validation_failed"),
}  # fmt: skip


def test_refused_and_nothing_happens(server: Server) -> None:
    server.create()
    server.create("bob@example.com")
    before = stored()
    for case, (body, status, code) in REFUSED.items():
        answer = ask(server, **body)
        assert answer.status_code == status, (case, answer.content)
        contract.refused(answer, status, code)
    assert stored() == before


def test_the_present_address_has_no_say_where_it_is_not_asked(
    server: Server, made: NewBackend
) -> None:
    change(made, secure_email_change=False)
    server.create()
    body = {"email": "ann@example.com", "new_email": "new@example.com"}
    contract.refused(ask(server, type="email_change_current", **body), 400, "validation_failed")


def test_a_code_and_a_link_of_one_backend_are_nothing_at_another(server: Server) -> None:
    """INV-8."""
    bravo = create("bravo")
    rival = App("bravo", bravo.anon_key)
    Server.of(bravo).create("ann@example.com")
    server.create("ann@example.com")
    made = generate(server, type="magiclink", email="ann@example.com")
    for proof in (
        {"token_hash": made["hashed_token"]},
        {"email": "ann@example.com", "token": made["email_otp"]},
    ):
        contract.refused(verify(rival, type="magiclink", **proof), 403, "otp_expired")


def test_what_is_stored_and_written_down_holds_no_secret(server: Server) -> None:
    made = generate(server, type="magiclink", email="ann@example.com")
    row = MailToken.objects.values().get()
    events = list(Event.objects.order_by("pk").filter(actor_kind="service").values())
    assert [event["kind"] for event in events] == ["account_created", "link_generated"]
    for secret in (made["hashed_token"], made["email_otp"]):
        assert secret not in str(row)
        assert secret not in str([event["data"] for event in events])
