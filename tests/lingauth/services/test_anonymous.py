"""Signing in without being anybody: the account, its session, and how many of them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.auth.hashers import is_password_usable
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lingauth.core.errors import DomainError, SignupDisabled, ValidationFailed
from lingauth.models import Account, Backend, Identity, RateLimit
from lingauth.services import anonymous, users
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.grants import Grant
from tests.support import acts
from tests.support.acts import CLIENT
from tests.support.noon import NOON, after
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return open_(made.backend)


def open_(backend: Backend) -> Backend:
    backend.anonymous_enabled = True
    backend.save()
    return backend


def sign_in(backend: Backend, ip: str | None = "192.0.2.7", **more: Any) -> Grant:
    client = ClientInfo(ip, "tests", "request-1")
    return anonymous.sign_in(backend=backend, client=client, **more)


def test_an_account_without_an_address_or_a_password(
    backend: Backend, noon: time_machine.Traveller
) -> None:
    events = len(acts.written())
    grant = sign_in(backend, data={"name": "x", "age": None})
    account = Account.objects.select_related("user").get()
    assert grant.account == account
    assert (account.backend, account.is_anonymous) == (backend, True)
    assert (account.email, account.email_key) == ("", str(account.uuid))
    assert (account.user_metadata, account.app_metadata) == ({"name": "x"}, {})
    assert (account.created_at, account.updated_at) == (NOON, NOON)
    assert (account.email_confirmed_at, account.last_sign_in_at) == (None, NOON)
    assert account.user.username == str(account.uuid)
    assert account.user.email == ""
    assert not is_password_usable(account.user.password)
    assert not Identity.objects.exists()
    signed_up, signed_in = acts.written()[events:]
    actor = Actor("account", str(account.uuid))
    assert signed_up == acts.event("signed_up", backend=backend, actor=actor, account=account)
    assert (signed_in["kind"], signed_in["session_id"]) == ("signed_in", grant.session.pk)
    assert (signed_in["ip"], signed_in["request_id"]) == (CLIENT.ip, CLIENT.request_id)
    assert signed_in["data"]["method"] == "anonymous"
    assert grant.session.created_at == NOON
    assert isinstance(account.uuid, UUID)


def test_the_host_makes_their_user_row(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    make = users.make_user

    def noted(**given: Any) -> Any:
        asked.append(given)
        return make(**given)

    monkeypatch.setattr(users, "make_user", noted)
    uuid = sign_in(backend).account.uuid
    assert asked == [{"backend": backend, "account_uuid": uuid, "email": "", "password": None}]


def test_each_is_somebody_else(backend: Backend) -> None:
    assert sign_in(backend).account != sign_in(backend).account


def test_it_is_off_unless_the_backend_has_it_on(made: NewBackend) -> None:
    with pytest.raises(DomainError) as refused:
        sign_in(made.backend)
    error = refused.value
    assert (error.code, error.status) == ("anonymous_provider_disabled", 422)
    assert error.message == "Anonymous sign-ins are disabled"


def test_nothing_is_counted_or_made_where_it_is_refused(backend: Backend) -> None:
    with pytest.raises(ValidationFailed):
        sign_in(backend, data=["x"])
    backend.signup_enabled = False
    with pytest.raises(SignupDisabled):
        sign_in(backend)
    assert not RateLimit.objects.exists()
    assert not Account.objects.exists()


def refusal(backend: Backend, ip: str | None) -> object:
    """None, or what a refusal says."""
    try:
        sign_in(backend, ip)
    except DomainError as error:
        return error.code, error.status, error.message, error.retry_after
    return None


NO = ("over_request_rate_limit", 429, "Request rate limit reached", 3600)


def test_one_network_gets_so_many_an_hour(
    backend: Backend, settings: Settings, noon: time_machine.Traveller
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "MAILS_PER_IP": 2}
    assert [refusal(backend, "2001:db8::1") for _ in range(3)] == [None, None, NO]
    assert refusal(backend, "2001:db8::2") == NO
    assert refusal(backend, "192.0.2.8") is None
    assert refusal(open_(new_backend("other").backend), "2001:db8::1") is None
    assert Account.objects.count() == 4
    noon.shift(3599)
    assert refusal(backend, "2001:db8::1") == NO
    noon.shift(1)
    assert refusal(backend, "2001:db8::1") is None


@pytest.mark.parametrize(("ip", "place"), [("192.0.2.7", "192.0.2.7"), (None, "")])
def test_the_counter_is_of_the_place(backend: Backend, ip: str | None, place: str) -> None:
    """Those of whom no place is known share one."""
    sign_in(backend, ip)
    row = RateLimit.objects.get()
    key = sha256(f"backend {backend.pk}\nanonymous\n{place}".encode()).hexdigest()
    assert (row.key, row.backend, row.count, row.began_at) == (key, backend, 1, after(0))


def test_the_account_is_committed_at_once(backend: Backend) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        sign_in(backend)
    assert not Account.objects.exists()


def test_nobody_asks_what_identities_a_new_account_has(backend: Backend) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert list(sign_in(backend).profile.identities) == []
    reads = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
    assert not [sql for sql in reads if "lingauth_identity" in sql]
