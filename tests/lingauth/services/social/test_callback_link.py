"""Coming back from a provider with an identity for one's own account."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from lingauth.core import clock
from lingauth.models import Account, Event, Flow, Identity, Session
from lingauth.services import flows, turns
from lingauth.services.social import callback, linking
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import (
    event,
    events_since,
    identities,
    owner,
    profile,
    said,
)
from tests.lingauth.services.social.returning import APP, Corp, fragment_of, query_of
from tests.support.acts import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db

BOB = "bob@example.com"
PAGE = "http://127.0.0.1:8000/b/acme/account?tab=ways"
Told = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture
def bob(there: Corp, moved: Clock) -> Person:
    return owner(there.backend, BOB)


def test_with_pkce_it_waits_for_the_app_to_spend_the_code(
    there: Corp, bob: Person, told: Told
) -> None:
    url = there.come_back(there.leave(link_to=bob.me())).url
    assert list(query_of(url)) == ["code"]
    kept = Flow.objects.get()
    assert (kept.account, kept.method) == (bob.account, "oauth")
    assert kept.code_digest == flows._digests(query_of(url)["code"])[0]
    profile = flows.unseal(kept).pop("profile")
    assert flows.unseal(kept) == {
        "provider_token": "at-1",
        "provider_refresh_token": "rt-1",
        "profile": profile,
    }
    assert profile == {
        "issuer": "https://sso.example.com",
        "subject": "s-1",
        "email": "Ada@Example.com",
        "verified": ["Ada@Example.com"],
        "named": {"full_name": "Ada"},
    }
    assert [name for name, *_ in identities(bob.account)] == ["email"]
    assert told == []


def test_at_our_own_page_it_joins_at_once(there: Corp, bob: Person, told: Told) -> None:
    flow, count = there.leave(pkce=None, redirect_to=PAGE, link_to=bob.me()), Event.objects.count()
    returned = there.come_back(flow)
    assert (returned.url, returned.status) == (f"{PAGE}&done=linked", 302)
    assert identities(bob.account)[1:] == [("corp", "s-1", said())]
    linked = event(bob.account, "identity_linked", provider="corp")
    assert events_since(count) == [linked | {"session_id": bob.session.pk}]
    assert told == [("identity_linked", BOB, {"provider": "The Corp"})]
    assert Flow.objects.get().private is None
    assert Session.objects.count() == 1


def test_without_pkce_the_app_gets_a_session_besides(there: Corp, bob: Person, told: Told) -> None:
    url = there.come_back(there.leave(pkce=None, link_to=bob.me())).url
    assert url.startswith(f"{APP}#")
    assert fragment_of(url)["provider_token"] == "at-1"
    assert identities(bob.account)[1:] == [("corp", "s-1", said())]
    assert len(told) == 1
    assert Session.objects.filter(account=bob.account, ended_at=None).count() == 2


@pytest.mark.parametrize("pkce", [True, False])
def test_one_that_somebody_has_joins_nobody(there: Corp, bob: Person, pkce: bool) -> None:
    there.come_back(there.leave(pkce=None))
    count = Event.objects.count()
    flow = there.leave(pkce=there.pkce if pkce else None, link_to=bob.me())
    told = query_of(there.come_back(flow).url)
    assert told == {
        "error_code": "identity_already_exists",
        "error_description": "Identity is already linked to another user",
    }
    assert Identity.objects.filter(account=bob.account).count() == 1
    failed = event(bob.account, "sign_in_failed", "refused", provider="corp")
    failed["data"]["reason"] = "identity_already_exists"
    assert events_since(count) == [failed]


def test_one_of_another_backend_provider_or_subject_is_another(there: Corp, bob: Person) -> None:
    Identity.objects.filter(account=bob.account).update(subject="s-1")
    linking.added(bob.account, "corp", profile(subject="s-0"), clock.now())
    other = Person.sign_up(new_backend("other").backend).account
    linking.added(other, "corp", profile(), clock.now())
    assert "code" in query_of(there.come_back(there.leave(link_to=bob.me())).url)


def test_who_signed_out_meanwhile_gets_nothing(there: Corp, bob: Person) -> None:
    flow = there.leave(link_to=bob.me())
    Session.objects.end(now=bob.session.created_at, reason="signed_out")
    assert query_of(there.come_back(flow).url)["error_code"] == "session_not_found"
    assert Identity.objects.count() == 1


def test_it_is_judged_again_once_it_is_their_turn(
    there: Corp, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = turns.take
    monkeypatch.setattr(turns, "take", lambda me: take(me).after(has_factor=True))
    flow = there.leave(pkce=None, link_to=bob.me())
    assert query_of(there.come_back(flow).url)["error_code"] == "insufficient_aal"
    assert Identity.objects.count() == 1


def test_it_is_the_account_as_it_is_by_then(
    there: Corp, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = turns.take

    def change_first(me: Any) -> Any:
        Account.objects.filter(pk=bob.account.pk).update(app_metadata={"role": "new"})
        return take(me)

    monkeypatch.setattr(turns, "take", change_first)
    there.come_back(there.leave(pkce=None, redirect_to=PAGE, link_to=bob.me()))
    assert Account.objects.get().app_metadata["role"] == "new"


def test_it_is_not_part_of_what_may_be_rolled_back(there: Corp, bob: Person) -> None:
    flow = there.leave(pkce=None, redirect_to=PAGE, link_to=bob.me())
    told = there.trade(there.provider)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        callback._link(flow, there.provider, told, CLIENT)
