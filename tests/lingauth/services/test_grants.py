"""A grant: a pair of tokens, and the account as its owner sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lingauth import tokens
from lingauth.conf import settings
from lingauth.core.assurance import Level
from lingauth.core.refresh import Kind, decode
from lingauth.models import Session
from lingauth.services import grants
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend
from tests.support.statements import counted

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(moved: Clock) -> Person:
    """With a factor and recovery codes, at ``aal2``."""
    person = Person.sign_up(new_backend().backend, "ann@example.com")
    return person.enrol().make_codes()


def test_its_tokens_are_of_the_session_as_it_is(ann: Person) -> None:
    session = ann.session
    now = session.refreshed_at
    granted = grants.grant(session, now=now)
    assert granted.session is session
    assert granted.backend is session.backend
    assert granted.account is session.account
    claims = tokens.read(granted.access_token)
    assert (claims.session_id, claims.account_uuid) == (session.pk, ann.account.uuid)
    assert (claims.backend_ref, claims.level) == ("acme", Level.AAL2)
    assert claims.expires_at == now + timedelta(seconds=300)
    assert (granted.expires_in, granted.expires_at) == (300, int(now.timestamp()) + 300)
    claim = decode(granted.refresh_token)
    assert claim is not None
    assert (claim.session_id, claim.counter) == (session.pk, 2)
    keys = [settings.keychain.current("refresh token")]
    assert claim.is_authentic(Kind.REFRESH, bytes(session.secret), keys)
    assert (granted.provider_token, granted.provider_refresh_token) == ("", "")
    assert granted.weakness is None


@pytest.mark.parametrize(
    ("seconds", "rest"), [(0, 300), (0.9, 300), (29, 271), (299, 1), (300, 1), (301, 1)]
)
def test_an_access_token_never_outlives_its_session(ann: Person, seconds: float, rest: int) -> None:
    """It lasts one second at least, as a token that is over already would be no token."""
    session = ann.session
    now = session.refreshed_at + timedelta(seconds=seconds)
    session.expires_at = session.refreshed_at + timedelta(seconds=300)
    granted = grants.grant(session, now=now)
    assert granted.expires_in == rest
    assert granted.expires_at == int(now.timestamp()) + rest


def test_it_shows_what_belongs_to_the_account(ann: Person) -> None:
    granted = grants.grant(ann.session, now=ann.session.refreshed_at)
    assert [factor.uuid for factor in granted.factors] == [ann.factor]
    assert [identity.provider for identity in granted.profile.identities] == ["email"]
    assert granted.profile.recovery is not None
    assert granted.profile.recovery.account_id == ann.account.pk


def test_what_was_read_is_not_read_again(ann: Person) -> None:
    session = Session.objects.select_related("backend", "account").get()
    whole = grants.profile(session.account)
    with counted() as statements:
        again = grants.profile(session.account, factors=whole.factors, identities=whole.identities)
    assert statements == []
    assert again == whole
    assert again.account is session.account
    assert again.factors is whole.factors
    assert again.identities is whole.identities
    with counted() as statements:
        granted = grants.grant(
            session, now=session.refreshed_at, factors=(), identities=whole.identities
        )
    assert statements == []
    assert (granted.factors, granted.profile.recovery) == ((), None)
    with counted() as statements:
        assert grants.profile(session.account, factors=()).identities == whole.identities
        assert grants.profile(session.account, identities=()).factors == whole.factors
    assert len(statements) == 2


def test_without_a_set_of_recovery_codes_there_is_none(ann: Person) -> None:
    assert grants.Profile(ann.account, (), ()).recovery is None
