"""Taking identities away from one's own account."""

from __future__ import annotations

import pytest
from django.core import mail

from lingauth.core import clock
from lingauth.models import Account, Event, Identity, Session
from tests.lingauth.api.contract import refused
from tests.lingauth.api.people import UNKNOWN
from tests.lingauth.api.social.people import BOB, Browser, age, link, sign_in
from tests.support.app import App
from tests.support.openid import OpenId

pytestmark = pytest.mark.once


def test_an_identity_is_taken_away(bob: App, browser: Browser, openid: OpenId) -> None:
    bob.session = link(bob, browser, openid).json()
    mail.outbox.clear()
    row = Identity.objects.get(provider="corp")
    answer = bob.auth("DELETE", f"user/identities/{row.uuid}")
    assert (answer.status_code, answer.json()) == (200, {})
    user = bob.auth("GET", "user").json()
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert [letter.to for letter in mail.outbox] == [[BOB]]
    assert Event.objects.filter(kind="identity_unlinked").get().data == {"provider": "corp"}
    other = App(bob.ref, bob.anon_key)
    assert sign_in(other, browser)["id"] != user["id"]


def test_with_the_identity_of_the_address_goes_the_password(
    bob: App, browser: Browser, openid: OpenId
) -> None:
    bob.session = link(bob, browser, openid).json()
    row = Identity.objects.get(provider="email")
    assert bob.auth("DELETE", f"user/identities/{row.uuid}").status_code == 200
    body = {"email": BOB, "password": "correct horse battery"}
    answer = bob.auth("POST", "token?grant_type=password", body, anonymous=True)
    refused(answer, 400, "invalid_credentials")
    user = bob.auth("GET", "user").json()
    assert user["app_metadata"] == {"provider": "corp", "providers": ["corp"]}
    assert Session.objects.filter(ended_at=None).count() == 1


def test_the_last_identity_stays(bob: App) -> None:
    row = Identity.objects.get()
    answer = bob.auth("DELETE", f"user/identities/{row.uuid}")
    refused(answer, 422, "single_identity_not_deletable")


def test_somebody_elses_identity_is_none(bob: App, browser: Browser) -> None:
    sign_in(App(bob.ref, bob.anon_key), browser)
    row = Identity.objects.get(provider="corp")
    refused(bob.auth("DELETE", f"user/identities/{row.uuid}"), 422, "identity_not_found")
    refused(bob.auth("DELETE", f"user/identities/{UNKNOWN}"), 422, "identity_not_found")
    refused(bob.auth("DELETE", "user/identities/x"), 404, "validation_failed")
    assert Identity.objects.filter(pk=row.pk).exists()


def test_taking_away_asks_for_a_recent_proof(bob: App, browser: Browser, openid: OpenId) -> None:
    bob.session = link(bob, browser, openid).json()
    row = Identity.objects.get(provider="corp")
    age(bob)
    refused(bob.auth("DELETE", f"user/identities/{row.uuid}"), 400, "reauthentication_needed")
    age(bob, created_at=clock.now())
    bob.reach_aal2()
    age(bob, verified_at=None)
    refused(bob.auth("DELETE", f"user/identities/{row.uuid}"), 403, "insufficient_aal")
    assert Account.objects.get(email=BOB).identities.count() == 2
