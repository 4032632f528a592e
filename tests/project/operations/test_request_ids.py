"""One id for a request, its answer and its events; a stranger cannot choose it."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from lingauth.models import Event
from lingauth.services.context import client_info
from tests.support.app import App

GIVEN = "proxy-0123456789.ABC_def"


def asked(settings: Settings, *, proxies: int, given: str, forwarded: str | None) -> str:
    settings.LINGAUTH = {**settings.LINGAUTH, "TRUSTED_PROXIES": proxies}
    sent = {"x-request-id": given} | ({"x-forwarded-for": forwarded} if forwarded else {})
    return str(Client().get("/nothing", headers=sent)["X-Request-Id"])


def is_ours(value: str) -> bool:
    return re.fullmatch("[0-9a-f]{32}", value) is not None


def test_a_proxys_id_is_kept(settings: Settings) -> None:
    assert asked(settings, proxies=1, given=GIVEN, forwarded="192.0.2.1") == GIVEN
    assert asked(settings, proxies=2, given=GIVEN, forwarded="192.0.2.1, 192.0.2.2") == GIVEN


def test_a_strangers_is_not(settings: Settings) -> None:
    assert is_ours(asked(settings, proxies=0, given=GIVEN, forwarded="192.0.2.1"))
    assert is_ours(asked(settings, proxies=2, given=GIVEN, forwarded="192.0.2.1"))
    # No proxy has appended anything: somebody reached this port without one.
    assert is_ours(asked(settings, proxies=2, given=GIVEN, forwarded=None))
    assert is_ours(asked(settings, proxies=1, given=GIVEN, forwarded=None))


@pytest.mark.parametrize(
    "given",
    ["", "short", "x" * 65, "with a space", 'quote"quote"', "line\nbreak-", "ümlaut-umlaut"],
)
def test_nor_one_without_a_sane_shape(settings: Settings, given: str) -> None:
    assert is_ours(asked(settings, proxies=1, given=given, forwarded="192.0.2.1"))


def test_each_request_has_one_of_its_own() -> None:
    assert Client().get("/nothing")["X-Request-Id"] != Client().get("/nothing")["X-Request-Id"]
    request = RequestFactory().get("/")
    assert client_info(request).request_id == client_info(request).request_id


@pytest.mark.django_db
def test_events_keep_the_id_that_was_answered(app: App) -> None:
    app.sign_up()
    answer = app.sign_in()
    event = Event.objects.filter(kind="signed_in").first()
    assert event is not None
    assert event.request_id == answer["X-Request-Id"]
