"""Whose address a request is written down with."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from lingauth.services import context


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
