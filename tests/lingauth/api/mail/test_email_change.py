"""``PUT user`` with a new address: who has to say yes, and what undoes a change under way."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from lingauth.models import Account, Event
from lingauth.services.redemption import HALF_WAY
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import (
    ANN,
    BOB,
    by_code,
    by_link,
    challenge,
    claims,
    follow,
    post,
    returned,
    setting,
    sign_up,
    spent,
    trade,
)
from tests.support.app import PASSWORD, App
from tests.support.mailbox import Letter, letters, newest

pytestmark = pytest.mark.django_db
NEW = "moved@example.com"
BOTH = (ANN, NEW)
ORDERS = list(permutations(BOTH))


def move(app: App, email: str = NEW, **body: Any) -> dict[str, Letter]:
    """Ask for the change; the mails to both addresses."""
    answer = app.auth("PUT", "user", {"email": email, **body})
    assert answer.status_code == 200, answer.content
    user = contract.user(answer.json())
    assert (user["email"], user["new_email"]) == (ANN, email)
    return {to: newest(to) for to in (ANN, email) if letters(to)}


def address() -> str:
    return Account.objects.get().email


@pytest.mark.parametrize("way", [by_code, by_link])
@pytest.mark.parametrize("order", ORDERS, ids=["the old first", "the new first"])
def test_both_addresses_confirm_in_either_order(member: App, order: Any, way: Any) -> None:
    mailed = move(member)
    first = way(member, "email_change", mailed[order[0]])
    assert first.json() == {"code": "200", "msg": HALF_WAY}
    assert address() == ANN
    spent(member, mailed[order[0]], "email_change")
    session = contract.session(way(member, "email_change", mailed[order[1]]))
    assert session["user"]["email"] == NEW
    assert "new_email" not in session["user"]
    assert session["user"]["identities"][0]["email"] == NEW
    member.email = NEW
    member.sign_in()
    assert "/verify?" not in newest(ANN).body
    assert Event.objects.filter(kind="email_changed").count() == 1


def test_where_the_old_one_is_not_asked_the_new_one_is_enough(member: App) -> None:
    setting(secure_email_change=False)
    mailed = move(member)
    assert ANN not in mailed
    session = contract.session(by_link(member, "email_change", mailed[NEW]))
    assert session["user"]["email"] == address() == NEW
    assert letters(ANN), "the old address hears of it"


def test_the_old_one_alone_is_never_enough(member: App) -> None:
    mailed = move(member)
    by_link(member, "email_change", mailed[ANN])
    setting(secure_email_change=False)
    spent(member, mailed[ANN], "email_change")
    assert address() == ANN


def test_a_taken_address_is_told_to_its_owner_and_nobody_else(member: App) -> None:
    rival = App(member.ref, member.anon_key)
    contract.session(by_code(rival, "signup", sign_up(rival, BOB)))
    before = len(letters(BOB))
    answer = member.auth("PUT", "user", {"email": BOB})
    assert answer.status_code == 200
    assert len(letters(BOB)) == before + 1
    assert "/verify?" not in newest(BOB).body
    by_link(member, "email_change", newest(ANN))
    assert set(Account.objects.values_list("email", flat=True)) == {ANN, BOB}


def test_of_two_who_want_one_address_the_second_is_refused(member: App) -> None:
    rival = App(member.ref, member.anon_key)
    mailed = move(member)
    by_link(member, "email_change", mailed[ANN])
    contract.session(by_code(rival, "signup", sign_up(rival, NEW)))
    answer = by_link(member, "email_change", mailed[NEW])
    contract.refused(answer, 422, "email_exists")
    assert address_of(ANN) == address_of(NEW) == 1


def address_of(email: str) -> int:
    return Account.objects.filter(email=email).count()


def test_another_change_meanwhile_voids_the_first(member: App) -> None:
    first = move(member)
    by_link(member, "email_change", first[ANN])
    second = move(member, BOB)
    spent(member, first[NEW], "email_change")
    assert by_link(member, "email_change", second[BOB]).json()["msg"] == HALF_WAY
    assert address() == ANN, "what was agreed to was the other change"
    contract.session(by_link(member, "email_change", second[ANN]))
    assert address() == BOB


def test_a_new_password_ends_it(member: App) -> None:
    mailed = move(member)
    by_link(member, "email_change", mailed[ANN])
    answer = member.auth("PUT", "user", {"password": "another battery staple"})
    assert "new_email" not in answer.json()
    spent(member, mailed[NEW], "email_change")


@pytest.mark.parametrize("order", ORDERS, ids=["the old first", "the new first"])
def test_sent_once_more_it_keeps_what_was_said(member: App, order: Any) -> None:
    mailed = move(member)
    by_link(member, "email_change", mailed[order[0]])
    before = len(letters(order[0]))
    assert post(member, "resend", type="email_change", email=NEW).json() == {}
    assert len(letters(order[0])) == before, "who agreed is not asked again"
    contract.session(by_link(member, "email_change", newest(order[1])))
    assert address() == NEW


def test_other_mails_to_the_old_address_are_void_then(member: App) -> None:
    post(member, "recover", email=ANN)
    letter = newest(ANN)
    setting(secure_email_change=False)
    contract.session(by_link(member, "email_change", move(member)[NEW]))
    spent(member, letter, "recovery")


def test_with_a_flow_the_last_link_leads_to_its_code(member: App) -> None:
    setting(one_step_links=True)
    mailed = move(member, **challenge())
    assert all(letter.token.startswith("pkce_") for letter in mailed.values())
    assert returned(follow(member, mailed[ANN]))[1] == {"message": HALF_WAY}
    code = returned(follow(member, mailed[NEW]))[1]["code"]
    session = contract.session(trade(member, code))
    assert session["user"]["email"] == NEW
    assert claims(session)["amr"][0]["method"] == "email_change"


def test_a_half_way_link_says_so_where_it_returns(member: App) -> None:
    setting(one_step_links=True)
    _, query, fragment = returned(follow(member, move(member)[ANN]))
    assert (query, fragment) == ({}, {"message": HALF_WAY, "sb": ""})


def test_it_needs_a_recent_proof(member: App) -> None:
    member.reach_aal2()
    device = App(member.ref, member.anon_key)
    device.email = ANN
    device.sign_in()
    contract.refused(device.auth("PUT", "user", {"email": NEW}), 401, "insufficient_aal")
    assert letters(NEW) == []


def test_somebody_anonymous_becomes_somebody(app: App) -> None:
    setting(anonymous_enabled=True)
    nobody = contract.session(app.keep(post(app, "signup", data={"cart": 3})))["user"]
    assert (nobody["is_anonymous"], nobody["email"], nobody["identities"]) == (True, "", [])
    answer = app.auth("PUT", "user", {"email": ANN})
    assert answer.json()["new_email"] == ANN
    session = contract.session(by_code(app, "email_change", newest(ANN)))
    assert session["user"]["id"] == nobody["id"]
    assert session["user"]["is_anonymous"] is False
    assert session["user"]["email"] == ANN
    assert session["user"]["user_metadata"]["cart"] == 3
    assert claims(session)["is_anonymous"] is False
    app.keep(app.refresh())
    assert claims(app.session)["is_anonymous"] is False
    assert app.auth("PUT", "user", {"password": PASSWORD}).status_code == 200
    app.email = ANN
    app.sign_in()
    assert Event.objects.filter(kind="account_converted").count() == 1


def test_with_auto_confirm_it_is_at_once_and_a_taken_one_is_said(member: App) -> None:
    rival = App(member.ref, member.anon_key)
    contract.session(by_code(rival, "signup", sign_up(rival, BOB)))
    setting(auto_confirm=True)
    contract.refused(member.auth("PUT", "user", {"email": BOB}), 422, "email_exists")
    assert member.auth("PUT", "user", {"email": NEW}).json()["email"] == NEW
    assert "/verify?" not in newest(ANN).body
