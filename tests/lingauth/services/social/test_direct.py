"""A native app's own ID token: what it is held to, and whose session comes of it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import DomainError, Unavailable, ValidationFailed
from lingauth.models import Account, Event, Identity, Provider
from lingauth.services import turns
from lingauth.services.grants import Grant
from lingauth.services.social import direct, idtoken
from lingauth.services.social.calls import ProviderTrouble
from lingauth.services.social.idtoken import BadIdToken
from lingauth.services.social.profile import of_claims
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import ISSUER, event, events_since, identities, owner
from tests.support.acts import CLIENT
from tests.support.people import Person

pytestmark = pytest.mark.django_db

BOB = "bob@example.com"
CLAIMS = {"iss": ISSUER, "sub": "s-1", "email": "ada@example.com", "email_verified": True}
KEPT = {"iss": ISSUER, "sub": "s-1", "provider_id": "s-1", "phone_verified": False} | {
    "email": "ada@example.com",
    "email_verified": True,
}


class Judge:
    """Believes every token, or raises; ``judged`` is what each was held to."""

    def __init__(self) -> None:
        self.judged: list[tuple[object, dict[str, Any]]] = []
        self.fault: Exception | None = None
        self.claims = CLAIMS

    def verify(self, token: object, **held_to: Any) -> dict[str, Any]:
        self.judged.append((token, held_to))
        if self.fault is not None:
            raise self.fault
        return dict(self.claims)


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    made = Judge()
    monkeypatch.setattr(idtoken, "verify", made.verify)
    return made


def give(corp: Provider, **values: Any) -> Grant:
    given = {"provider": "corp", "id_token": "t", "client": CLIENT, **values}
    return direct.with_id_token(backend=corp.backend, **given)


def test_what_the_token_is_held_to(moved: Clock, corp: Provider, judge: Judge) -> None:
    Provider.objects.update(other_client_ids=["ios", "android"])
    give(corp, nonce="n-1", access_token="at-1")
    give(corp, access_token=5)
    (token, first), (_, second) = judge.judged
    assert token == "t"
    assert first.pop("provider") == corp
    assert second.pop("provider") == corp
    assert first == {
        "clients": ("client-1", "ios", "android"),
        "nonce": sha256(b"n-1").hexdigest(),
        "now": clock.now(),
        "access_token": "at-1",
    }
    assert second == first | {"nonce": None, "access_token": ""}


def test_a_session_of_its_account(moved: Clock, corp: Provider, judge: Judge) -> None:
    count = Event.objects.count()
    grant = give(corp)
    account = Account.objects.get()
    assert grant.account == account
    assert grant.session.account == account
    assert grant.provider_token == ""
    assert [each["method"] for each in grant.session.methods] == ["oauth"]
    assert grant.session.created_at == clock.now()
    assert identities(account) == [("corp", "s-1", KEPT)]
    signed_in = event(account, "signed_in", method="oauth") | {"session_id": grant.session.pk}
    assert events_since(count) == [event(account, "signed_up", provider="corp"), signed_in]


def test_an_address_that_is_not_proven_waits_for_its_mail(
    corp: Provider, judge: Judge, asked: list[dict[str, Any]]
) -> None:
    """Which leads to the backend's own place: an app that brings a token names none."""
    judge.claims = CLAIMS | {"email_verified": False}
    with pytest.raises(DomainError) as refused:
        give(corp)
    assert refused.value.code == "provider_email_needs_verification"
    [mail] = asked
    assert (mail["email"], mail["redirect_to"]) == ("ada@example.com", "")


@pytest.mark.parametrize("token", [None, "", 5, ["t"]])
def test_a_token_has_to_be_given(corp: Provider, judge: Judge, token: object) -> None:
    with pytest.raises(ValidationFailed, match=r"^id_token required$"):
        give(corp, id_token=token)
    assert judge.judged == []


@pytest.mark.parametrize(
    ("nonce", "good"),
    [("x", True), ("x" * 500, True), ("x" * 501, False), ("", False), (5, False)],
    ids=["short", "long", "too long", "empty", "number"],
)
def test_a_nonce_is_a_text_of_at_most_500_characters(
    corp: Provider, judge: Judge, nonce: object, good: bool
) -> None:
    if good:
        assert give(corp, nonce=nonce)
        return
    with pytest.raises(ValidationFailed, match=r"^nonce is a string\.$"):
        give(corp, nonce=nonce)
    assert judge.judged == []


def test_a_provider_that_gives_no_id_tokens(corp: Provider, judge: Judge) -> None:
    Provider.objects.update(kind="github")
    with pytest.raises(ValidationFailed, match=r"^Bad ID token: provider is not enabled for ID"):
        give(corp)
    with pytest.raises(ValidationFailed, match="could not be found"):
        give(corp, provider="other")
    assert judge.judged == []


def test_a_token_that_is_not_believed(
    corp: Provider, judge: Judge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "lingauth.social")
    judge.fault = BadIdToken("it has another nonce")
    with pytest.raises(ValidationFailed) as refused:
        give(corp)
    assert refused.value.message == "Bad ID token: it has another nonce"
    judge.fault = ProviderTrouble("it took too long")
    with pytest.raises(Unavailable) as unavailable:
        give(corp)
    assert unavailable.value.message == "The Corp cannot be reached at the moment."
    assert caplog.messages == ["Provider corp of acme: it took too long"]
    assert not Account.objects.exists()


@pytest.fixture
def bob(moved: Clock, corp: Provider) -> Person:
    return owner(corp.backend, BOB)


def test_an_identity_for_ones_own_account(
    corp: Provider, judge: Judge, bob: Person, told: list[tuple[str, str, dict[str, Any]]]
) -> None:
    count = Event.objects.count()
    grant = give(corp, link_to=bob.me())
    assert grant.account == bob.account
    assert grant.session.pk != bob.session.pk
    assert identities(bob.account)[1:] == [("corp", "s-1", KEPT)]
    linked = event(bob.account, "identity_linked", provider="corp")
    signed_in = event(bob.account, "signed_in", method="oauth")
    assert events_since(count) == [
        linked | {"session_id": bob.session.pk},
        signed_in | {"session_id": grant.session.pk},
    ]
    assert told == [("identity_linked", BOB, {"provider": "The Corp"})]


def test_it_takes_a_recent_proof_before_and_after_the_wait(
    corp: Provider, judge: Judge, bob: Person, moved: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, take = bob.me(), turns.take
    monkeypatch.setattr(turns, "take", lambda me: take(me).after(has_factor=True))
    with pytest.raises(DomainError) as refused:
        give(corp, link_to=me)
    assert refused.value.code == "insufficient_aal"
    monkeypatch.setattr(turns, "take", lambda me: pytest.fail("it was waited for"))
    moved.shift(601)
    with pytest.raises(DomainError) as refused:
        give(corp, link_to=me)
    assert refused.value.code == "reauthentication_needed"
    assert Identity.objects.count() == 1


def test_it_is_not_part_of_what_may_be_rolled_back(
    corp: Provider, judge: Judge, bob: Person
) -> None:
    me = bob.me()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        direct._link(me, corp, of_claims(corp, CLAIMS), CLIENT)
