"""Changing an account with the service key: what it sets, and what that ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail

from lingauth.core import clock
from lingauth.models import Account, Event, Flow, MailToken, Session
from lingauth.services import mail_tokens
from lingauth.services.backends import NewBackend
from lingauth.services.mail_tokens import Purpose
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import UNKNOWN, beside, stored
from tests.support.app import PASSWORD, App

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NEW = "another horse battery"


@pytest.fixture
def member(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def id_of(app: App) -> str:
    return str(app.session["user"]["id"])


def put(server: Server, app: App, **body: Any) -> Any:
    return server.call("PUT", f"admin/users/{id_of(app)}", body)


def kinds() -> list[str]:
    """What the service key did, in order."""
    rows = Event.objects.filter(actor_kind="service").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def pending(app: App) -> None:
    """A mailed link and a flow that wait, as they do between an ask and its answer."""
    account = Account.objects.get(uuid=id_of(app))
    mail_tokens.mint(account=account, purpose=Purpose.MAGICLINK, email=account.email)
    Account.objects.filter(pk=account.pk).update(new_email="later@example.com")
    Flow.objects.create(
        backend=account.backend, provider="x", link_to=account, expires_at=clock.now()
    )


ENDS: dict[str, dict[str, Any]] = {
    "password_changed": {"password": NEW},
    "email_changed": {"email": "new@example.com"},
    "banned": {"ban_duration": "24h"},
}


@pytest.mark.parametrize("reason", ENDS)
def test_what_ends_every_session_and_voids_what_was_mailed(
    server: Server, member: App, reason: str
) -> None:
    member.reach_aal2()
    other = beside(member)
    pending(member)
    assert put(server, member, **ENDS[reason]).status_code == 200
    for device in (member, other):
        assert device.auth("GET", "user").status_code == 403
        assert device.data().status_code == 401
        assert device.refresh().status_code == 400
    assert set(Session.objects.values_list("end_reason", flat=True)) == {reason}
    assert not MailToken.objects.exists()
    assert not Flow.objects.exists()
    assert Account.objects.get().new_email == ""


KEEPS: dict[str, dict[str, Any]] = {
    "metadata": {"user_metadata": {"a": 1}, "app_metadata": {"b": 2}},
    "a confirmation": {"email_confirm": True},
    "the same address": {"email": "ann@example.com"},
    "the same address in capitals": {"email": "ANN@example.com"},
    "no ban where there was none": {"ban_duration": "none"},
    "nothing": {},
}


@pytest.mark.parametrize("change", KEEPS)
def test_what_ends_nothing(server: Server, member: App, change: str) -> None:
    pending(member)
    contract.user({**put(server, member, **KEEPS[change]).json(), "app_metadata": EMAIL})
    assert member.auth("GET", "user").status_code == 200
    assert (MailToken.objects.count(), Flow.objects.count()) == (1, 1)


EMAIL = {"provider": "email", "providers": ["email"]}


def test_a_password(server: Server, member: App) -> None:
    put(server, member, password=NEW)
    body = {"email": "ann@example.com", "password": PASSWORD}
    old = member.auth("POST", "token?grant_type=password", body, anonymous=True)
    contract.refused(old, 400, "invalid_credentials")
    member.sign_in(NEW)
    assert kinds() == ["password_changed"]
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"password": "short"}, 422, "weak_password"),
        ({"password": ""}, 400, "validation_failed"),
        ({"password_hash": "x"}, 400, "validation_failed"),
        ({"email": "ann"}, 400, "validation_failed"),
        ({"phone": "1"}, 400, "phone_provider_disabled"),
        ({"ban_duration": "-1h"}, 400, "validation_failed"),
        ({"ban_duration": "forever"}, 400, "validation_failed"),
        ({"user_metadata": {"a": "x" * 17000}}, 400, "validation_failed"),
        ({"app_metadata": {"a": "x" * 17000}}, 400, "validation_failed"),
    ],
)
def test_refused(server: Server, member: App, body: dict[str, Any], status: int, code: str) -> None:
    before = stored()
    everything = {"user_metadata": {"x": 1}, "ban_duration": "1h", "email": "z@example.com"} | body
    contract.refused(put(server, member, **everything), status, code)
    assert stored() == before
    assert member.auth("GET", "user").status_code == 200


def test_metadata_is_merged_and_null_removes(server: Server, member: App) -> None:
    user = server.update(
        id_of(member), user_metadata={"a": 1, "b": {"c": 1}}, app_metadata={"plan": "pro"}
    )
    assert user["user_metadata"] == member.session["user"]["user_metadata"] | {
        "a": 1,
        "b": {"c": 1},
    }
    user = server.update(
        id_of(member),
        user_metadata={"a": None, "b": {"d": 1}},
        app_metadata={"plan": None, "provider": None, "providers": ["x"], "new": True},
    )
    assert "a" not in user["user_metadata"]
    assert user["user_metadata"]["b"] == {"d": 1}, "one level deep"
    assert user["app_metadata"] == EMAIL | {"new": True}
    assert kinds() == ["account_updated", "account_updated"]


def test_the_same_metadata_again_is_no_event(server: Server, member: App) -> None:
    for _ in range(2):
        user = server.update(id_of(member), user_metadata={"a": 1})
    assert kinds() == ["account_updated"]
    assert server.update(id_of(member))["updated_at"] == user["updated_at"]


def test_an_address(server: Server, member: App) -> None:
    user = server.update(id_of(member), email="New@Example.com")
    contract.user(user)
    assert user["email"] == user["user_metadata"]["email"] == "New@Example.com"
    assert user["identities"][0]["identity_data"]["email"] == "New@Example.com"
    assert "email_confirmed_at" in user, "the server vouches for it"
    member.email = "new@example.com"
    member.sign_in()
    host = get_user_model()._default_manager.get(pk=Account.objects.get().user_id)
    assert host.email == "New@Example.com"
    assert kinds() == ["email_changed"]
    assert mail.outbox == []


def test_an_address_that_is_taken(server: Server, member: App) -> None:
    server.create("bob@example.com")
    before = stored()
    contract.refused(put(server, member, email="BOB@example.com"), 422, "email_exists")
    assert stored() == before
    assert member.auth("GET", "user").status_code == 200


def test_a_confirmation(server: Server) -> None:
    made = server.create(email_confirm=False, user_metadata={"a": 1})
    assert "email_confirmed_at" not in made
    user = server.update(made["id"], email_confirm=True)
    assert contract.user(user)["user_metadata"] == {"a": 1, "email_verified": True}
    again = server.update(made["id"], email_confirm=True)
    assert again == user
    assert kinds() == ["account_created", "email_confirmed"]
    assert server.update(made["id"], email_confirm=False)["email_confirmed_at"]


def test_a_ban_its_end_and_its_lifting(server: Server, member: App) -> None:
    with time_machine.travel(clock.now(), tick=False) as moved:
        user = put(server, member, ban_duration="1h30m").json()
        until = contract.moment(user["banned_until"])
        assert until == clock.now() + timedelta(minutes=90)
        body = {"email": "ann@example.com", "password": PASSWORD}
        banned = member.auth("POST", "token?grant_type=password", body, anonymous=True)
        contract.refused(banned, 400, "user_banned")
        moved.shift(90 * 60)
        member.sign_in()
        put(server, member, ban_duration="876000h")
        user = put(server, member, ban_duration="none").json()
        assert "banned_until" not in user
        assert member.auth("GET", "user").status_code == 403, "a lifted ban revives no session"
        member.sign_in()
    assert kinds() == ["account_banned", "account_banned", "account_unbanned"]


def test_everything_at_once_is_an_event_each(server: Server) -> None:
    made = server.create(email_confirm=False)
    server.update(
        made["id"],
        email="b@example.com",
        email_confirm=True,
        password=NEW,
        app_metadata={"a": 1},
        ban_duration="1h",
    )
    assert sorted(kinds()) == [
        "account_banned", "account_created", "account_updated", "email_changed", "email_confirmed",
        "password_changed",
    ]  # fmt: skip


def test_an_anonymous_account_gets_an_address(server: Server, made: NewBackend) -> None:
    made.backend.__class__.objects.filter(pk=made.backend.pk).update(anonymous_enabled=True)
    app = App(made.backend.ref, made.anon_key)
    app.keep(app.auth("POST", "signup", {}, anonymous=True))
    user = server.update(id_of(app), email="ann@example.com", email_confirm=True, password=NEW)
    assert contract.user(user)["is_anonymous"] is False
    app.email = "ann@example.com"
    app.sign_in(NEW)


def test_unknown_ids(server: Server) -> None:
    contract.refused(server.call("PUT", f"admin/users/{UNKNOWN}", {}), 404, "user_not_found")
    answer = server.call("PUT", "admin/users/x", {})
    contract.refused(answer, 404, "validation_failed", "user_id must be an UUID")
