"""Flows that set out for an identity, and end when the app spends the code."""

from __future__ import annotations

import pytest

from lingauth.core import clock
from lingauth.core.errors import SessionGone
from lingauth.models import Account, Event, Flow, Identity, Provider, Session
from lingauth.services.social import linking
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import identities, owner, profile, said
from tests.support.acts import CLIENT
from tests.support.people import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(moved: Clock, corp: Provider) -> Person:
    return owner(corp.backend, "bob@example.com")


@pytest.fixture
def flow(bob: Person) -> Flow:
    flow = Flow.objects.create(
        backend=bob.account.backend,
        provider="corp",
        expires_at=clock.now(),
        link_to=bob.account,
        link_session_id=bob.session.pk,
    )
    flow.link_to = Account.objects.get(pk=bob.account.pk)
    return flow


def test_a_flow_ends_with_the_identity_that_it_set_out_for(flow: Flow, bob: Person) -> None:
    account = linking.complete(flow, profile().packed(), CLIENT)
    assert account is not None
    assert account is flow.link_to
    assert account.backend is flow.backend
    assert account.app_metadata["providers"] == ["email", "corp"]
    assert identities(bob.account)[1:] == [("corp", "s-1", said())]
    assert Event.objects.filter(kind="identity_linked", ip=CLIENT.ip).count() == 1


@pytest.mark.parametrize("lacks", ["link_to", "link_session_id", "profile"])
def test_a_flow_that_only_signs_in_adds_nothing(flow: Flow, lacks: str) -> None:
    if lacks != "profile":
        setattr(flow, lacks, None)
    packed = None if lacks == "profile" else profile().packed()
    assert linking.complete(flow, packed, CLIENT) is None
    assert not Identity.objects.filter(provider="corp").exists()


def test_a_flow_of_a_session_that_ended_adds_nothing(flow: Flow) -> None:
    Session.objects.end(now=clock.now(), reason="signed_out")
    with pytest.raises(SessionGone):
        linking.complete(flow, profile().packed(), CLIENT)
    assert not Identity.objects.filter(provider="corp").exists()
