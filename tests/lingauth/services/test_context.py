"""Who asks, from where, and by which name a request is written down."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from pytest_django import Settings

from lingauth.models import Account, ApiKey, Event
from lingauth.services import context
from lingauth.services.context import Actor, ClientInfo


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("somewhere", None),
        ("1" * 65, None),
    ],
)
def test_an_address_in_its_one_spelling_or_none(
    rf: RequestFactory, given: str, kept: str | None
) -> None:
    assert context.client_ip(rf.get("/", REMOTE_ADDR=given)) == kept


def test_long_addresses_are_not_remembered(rf: RequestFactory) -> None:
    context._address.cache_clear()
    for length, remembered in ((64, 1), (65, 1)):
        context.client_ip(rf.get("/", REMOTE_ADDR="1" * length))
        assert context._address.cache_info().currsize == remembered


@pytest.mark.parametrize(
    ("proxies", "header", "ip"),
    [
        (0, "198.51.100.1", "192.0.2.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, " 198.51.100.1 ", "198.51.100.1"),
        (1, "203.0.113.5, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.5, 198.51.100.1", "203.0.113.5"),
        (2, "198.51.100.1", "192.0.2.7"),
        (1, "", "192.0.2.7"),
        (1, None, "192.0.2.7"),
        (1, "nonsense", None),
    ],
)
def test_forwarded_addresses_count_as_far_as_our_own_proxies_wrote_them(
    rf: RequestFactory, settings: Settings, proxies: int, header: str | None, ip: str | None
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "TRUSTED_PROXIES": proxies}
    more: dict[str, Any] = {} if header is None else {"HTTP_X_FORWARDED_FOR": header}
    assert context.client_ip(rf.get("/", REMOTE_ADDR="192.0.2.7", **more)) == ip


def test_a_request_without_an_address(rf: RequestFactory) -> None:
    request = rf.get("/")
    del request.META["REMOTE_ADDR"]
    assert context.client_ip(request) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Az0._-12", True),
        ("x" * 64, True),
        ("x" * 7, False),
        ("x" * 65, False),
        ("request 1", False),
        ("request-1\n", False),
        ("", False),
    ],
)
def test_a_name_that_our_own_proxies_gave_is_kept(
    rf: RequestFactory, settings: Settings, given: str, kept: bool
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "TRUSTED_PROXIES": 1}
    told: dict[str, Any] = {"HTTP_X_REQUEST_ID": given}
    request = rf.get("/", HTTP_X_FORWARDED_FOR="198.51.100.1", **told)
    name = context.request_id(request)
    assert (name == given) is kept
    assert context.request_id(request) == name
    assert kept or re.fullmatch("[0-9a-f]{32}", name)
    ours = context.request_id(rf.get("/", **told))  # it did not pass our proxy
    assert ours != given
    assert re.fullmatch("[0-9a-f]{32}", ours)
    for more in ({}, {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}):
        unnamed: dict[str, Any] = dict(more)
        assert re.fullmatch("[0-9a-f]{32}", context.request_id(rf.get("/", **unnamed)))


@pytest.mark.parametrize(
    ("agent", "kept"),
    [("A browser/1.0", "A browser/1.0"), ("a\x00b\nc", "abc"), ("x" * 257, "x" * 256)],
)
def test_what_is_remembered_of_a_request(rf: RequestFactory, agent: str, kept: str) -> None:
    request = rf.get("/", REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT=agent)
    found = context.client_info(request)
    assert found == ClientInfo("192.0.2.7", kept, context.request_id(request))
    without = context.client_info(rf.get("/", REMOTE_ADDR="192.0.2.7"))
    assert (without.ip, without.user_agent) == ("192.0.2.7", "")


def test_the_client_of_a_row() -> None:
    row = Event(ip="192.0.2.7", user_agent="a", request_id="request-1")
    assert ClientInfo.of(row) == ClientInfo(ip="192.0.2.7", user_agent="a", request_id="request-1")
    assert ClientInfo() == ClientInfo(ip=None, user_agent="", request_id="")


def test_who_acts() -> None:
    uuid = UUID(int=1)
    user = get_user_model()(pk=17, username="ann")
    assert Actor.account(Account(uuid=uuid, email="a@example.com")) == Actor(
        kind="account", id=str(uuid), label="a@example.com"
    )
    assert Actor.account(Account(uuid=uuid)) == Actor("account", str(uuid), str(uuid))
    assert Actor.operator(user) == Actor("operator", "17", "ann")
    assert Actor.service(ApiKey(hint="lk_…1", label="Worker")) == Actor(
        "service", "lk_…1", "Worker"
    )
    assert Actor.service(ApiKey(hint="lk_…1")) == Actor("service", "lk_…1", "lk_…1")
    assert Actor.system("migrate") == Actor("system", "", "migrate")
    assert Actor.anonymous() == Actor("anonymous", "", "")
