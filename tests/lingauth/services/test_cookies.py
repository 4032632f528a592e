"""The cookie of the hosted pages: what it stands for, and what a visit notes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from lingauth import tokens
from lingauth.conf import settings
from lingauth.core import clock, refresh
from lingauth.core.assurance import Level
from lingauth.core.errors import NotFound
from lingauth.core.refresh import Kind, decode
from lingauth.models import Account, Session
from lingauth.services import cookies
from lingauth.services.access import SignedIn
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


def visit(cookie: str | None, ref: str = "acme") -> SignedIn | None:
    return cookies.session_from(ref=ref, cookie=cookie)


def made(
    kind: Kind = Kind.COOKIE,
    session_id: UUID | None = None,
    counter: int = 0,
    secret: bytes | None = None,
    purpose: str = "page cookie",
) -> str:
    """A cookie of the one session there is, or one that differs from it in a single part."""
    session = Session.objects.get()
    key = settings.keychain.current(purpose)
    stored = bytes(session.secret)
    return refresh.encode(kind, session_id or session.pk, counter, secret or stored, key)


def test_it_names_the_session_and_how_often_that_was_raised(ann: Person) -> None:
    assert cookies.cookie_for(ann.session) == made()
    ann.enrol()
    claim = decode(cookies.cookie_for(ann.session))
    assert claim is not None
    assert (claim.session_id, claim.counter) == (ann.session.pk, 1)


def test_it_stands_for_that_session(ann: Person) -> None:
    me = visit(made())
    assert me is not None
    assert (me.session, me.account, me.backend.ref) == (ann.session, ann.account, "acme")


def test_whatever_differs_from_it_stands_for_nobody(ann: Person) -> None:
    for other in (
        *(None, "", "x" * 76, cookies.cookie_for(ann.session)[:-1]),
        made(Kind.REFRESH),
        made(session_id=uuid4()),
        made(counter=1),
        made(secret=b"x" * 32),
        made(purpose="refresh token"),
    ):
        assert visit(other) is None
    assert visit(made()) is not None


def test_a_verification_makes_another_and_the_one_before_is_dead(ann: Person) -> None:
    before = made()
    ann.enrol()
    assert visit(before) is None
    assert visit(made(counter=1)) is not None


def test_a_session_that_is_over_or_an_account_that_is_barred_is_nobody(ann: Person) -> None:
    cookie = made()
    Account.objects.update(deleted_at=clock.now())
    assert visit(cookie) is None
    Account.objects.update(deleted_at=None)
    Session.objects.update(ended_at=clock.now())
    assert visit(cookie) is None


def test_at_another_backend_it_is_nobodys_and_none_is_not_found(ann: Person) -> None:
    new_backend("other")
    assert visit(made(), ref="other") is None
    with pytest.raises(NotFound):
        visit(made(), ref="nobody")


@pytest.mark.parametrize(("seconds", "noted"), [(0, False), (59, False), (60, True), (61, True)])
def test_a_visit_is_a_sign_of_life_which_is_noted_once_a_minute(
    ann: Person, moved: Clock, seconds: int, noted: bool
) -> None:
    begun = ann.session.created_at
    before = Session.objects.values().get()
    moved.shift(seconds)
    me = visit(made())
    assert me is not None
    seen = begun + timedelta(seconds=seconds) if noted else begun
    assert me.session.refreshed_at == seen
    assert Session.objects.values().get() == before | {"refreshed_at": seen}


@pytest.mark.parametrize(("seconds", "stays"), [(3599, True), (3600, False)])
def test_an_aal2_that_had_ended_is_not_revived_by_a_visit(
    ann: Person, moved: Clock, seconds: int, stays: bool
) -> None:
    ann.enrol()
    verified = ann.session.verified_at
    assert verified is not None
    moved.shift(seconds)
    me = visit(made(counter=1))
    assert me is not None
    assert me.session.verified_at == (verified if stays else None)
    assert me.level(clock.now()) == ("aal2" if stays else "aal1")
    row = ann.session
    assert row.verified_at == (verified if stays else None)
    assert row.refreshed_at == verified + timedelta(seconds=seconds)


def test_a_visit_that_a_verification_overtook_notes_nothing(ann: Person, moved: Clock) -> None:
    """It read the session before, and would write after."""
    me, before = ann.me(), ann.session
    moved.shift(3600)
    Session.objects.update(elevations=9, verified_at=before.created_at)
    cookies._touch(me)
    assert me.session.refreshed_at == before.refreshed_at
    assert ann.session.refreshed_at == before.refreshed_at
    assert ann.session.verified_at == before.created_at


def test_an_app_beside_the_pages_is_given_a_token_of_now(ann: Person, moved: Clock) -> None:
    ann.enrol()
    moved.shift(60)
    token, expires = cookies.access_token(me=ann.me())
    assert expires == int(clock.now().timestamp()) + 300
    claims = tokens.read(token)
    assert (claims.session_id, claims.account_uuid) == (ann.session.pk, ann.account.uuid)
    assert (claims.backend_ref, claims.level) == ("acme", Level.AAL2)
    assert claims.expires_at == clock.now() + timedelta(seconds=300)
