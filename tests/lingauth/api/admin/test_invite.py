"""Inviting somebody by mail."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail

from lingauth.models import Account, Backend, Event
from lingauth.services import outbox
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import stored
from tests.support.app import PASSWORD, App

# Mail goes out after the commit that it tells of.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


def invite(server: Server, email: str = "ann@example.com", query: str = "", **body: Any) -> Any:
    return server.call("POST", f"invite{query}", {"email": email, **body})


def link_in(body: str) -> dict[str, list[str]]:
    url = re.search(r"http\S+/verify\?\S+", body)
    assert url, body
    return parse_qs(urlsplit(url[0]).query)


def test_an_account_that_waits_and_a_mail_with_a_way_in(server: Server, app: App) -> None:
    answer = invite(server, data={"name": "Ann"})
    user = contract.user(answer.json())
    assert user["invited_at"]
    assert "email_confirmed_at" not in user
    assert user["user_metadata"] == {"name": "Ann"}
    (message,) = mail.outbox
    assert message.to == ["ann@example.com"]
    link = link_in(str(message.body))
    assert link["type"] == ["invite"]
    body = {"type": "invite", "token_hash": link["token"][0]}
    granted = contract.session(app.auth("POST", "verify", body, anonymous=True))
    assert granted["user"]["id"] == user["id"]
    assert granted["user"]["user_metadata"] == {"name": "Ann", "email_verified": True}
    code = re.search(r"\b\d{6}\b", str(message.body))
    assert code
    rows = Event.objects.filter(actor_kind="service")
    assert [row.kind for row in rows] == ["account_invited"]


def test_where_the_mail_leads_to(server: Server, made: NewBackend) -> None:
    Backend.objects.filter(pk=made.backend.pk).update(site_url="https://app.example.com")
    invite(server, query="?redirect_to=https://app.example.com/welcome")
    assert link_in(str(mail.outbox[-1].body))["redirect_to"] == ["https://app.example.com/welcome"]
    invite(server, redirect_to="https://evil.example")
    assert link_in(str(mail.outbox[-1].body))["redirect_to"] == ["https://app.example.com"]


def test_again_until_it_is_confirmed(server: Server, app: App) -> None:
    first = invite(server, data={"a": 1}).json()
    second = invite(server, "Ann@Example.com", data={"b": 2}).json()
    assert second["id"] == first["id"]
    assert second["user_metadata"] == {"a": 1, "b": 2}
    assert Account.objects.count() == 1
    old, new = (link_in(str(message.body))["token"][0] for message in mail.outbox)
    stale = app.auth("POST", "verify", {"type": "invite", "token_hash": old}, anonymous=True)
    contract.refused(stale, 403, "otp_expired")
    body = {"type": "invite", "token_hash": new}
    contract.session(app.auth("POST", "verify", body, anonymous=True))
    before = stored()
    contract.refused(invite(server), 422, "email_exists")
    assert stored() == before


def test_what_a_stranger_set_up_under_the_address_ends_with_the_invitation(
    server: Server, made: NewBackend, app: App
) -> None:
    Backend.objects.filter(pk=made.backend.pk).update(auto_confirm=False)
    body = {"email": "ann@example.com", "password": PASSWORD}
    app.auth("POST", "signup", body, anonymous=True)
    invite(server)
    token = link_in(str(mail.outbox[-1].body))["token"][0]
    redeemed = {"type": "invite", "token_hash": token}
    contract.session(app.auth("POST", "verify", redeemed, anonymous=True))
    answer = app.auth("POST", "token?grant_type=password", body, anonymous=True)
    contract.refused(answer, 400, "invalid_credentials")


@pytest.mark.parametrize("how", ["deleted", "confirmed", "banned"])
def test_who_needs_no_invitation_when_it_comes_to_be_written_gets_none(
    server: Server, settings: Any, how: str
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    id = invite(server).json()["id"]
    if how == "deleted":
        server.call("DELETE", f"admin/users/{id}")
    else:
        server.update(
            id, **({"email_confirm": True} if how == "confirmed" else {"ban_duration": "1h"})
        )
    outbox.drain()
    assert mail.outbox == []


@pytest.mark.parametrize(
    "body",
    [{"email": ""}, {"email": None}, {"email": "ann"}, {"email": "a@x.com,b@x.com"},
     {"email": "a@example.com", "data": {"a": "x" * 17000}}],
)  # fmt: skip
def test_refused(server: Server, body: dict[str, Any]) -> None:
    contract.refused(server.call("POST", "invite", body), 400, "validation_failed")
    assert not Account.objects.exists()
    assert mail.outbox == []
