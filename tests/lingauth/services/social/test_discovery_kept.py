"""What a provider publishes of itself: for how long it is believed, and whose it is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import pytest

from lingauth.services.social import discovery
from lingauth.services.social.calls import ProviderTrouble
from tests.lingauth.services.social.publishing import ISSUER, JWKS, WELL_KNOWN, Site, key, provider


def test_a_configuration_is_believed_for_ten_minutes(site: Site) -> None:
    discovery.configuration(provider())
    site.now += 599.5
    discovery.configuration(provider())
    assert site.asked == [WELL_KNOWN]
    site.now += 0.5
    discovery.configuration(provider())
    assert site.asked == [WELL_KNOWN, WELL_KNOWN]


def test_what_is_kept_is_of_one_backend_and_one_issuer(site: Site) -> None:
    discovery.configuration(provider())
    discovery.configuration(provider(backend=2))
    assert site.asked == [WELL_KNOWN, WELL_KNOWN]
    with pytest.raises(KeyError):
        discovery.configuration(provider(issuer="https://other.example.com"))


def test_keys_are_believed_for_ten_minutes(site: Site) -> None:
    for wait in (0, 599.5):
        site.now += wait
        found = discovery.keys(provider(), JWKS, "k1")
        assert [each.kid for each in found.keys] == ["k1"]
    assert site.asked == [JWKS]
    site.now += 0.5
    discovery.keys(provider(), JWKS, "k1")
    assert site.asked == [JWKS, JWKS]


def test_a_key_that_is_not_there_is_looked_for_every_half_minute(site: Site) -> None:
    discovery.keys(provider(), JWKS, "k1")
    site.answers[JWKS] = {"keys": [key("k2")]}
    site.now += 29.5
    assert discovery.keys(provider(), JWKS, "k2").keys[0].kid == "k1"
    assert site.asked == [JWKS]
    site.now += 0.5
    assert discovery.keys(provider(), JWKS, "k2").keys[0].kid == "k2"
    assert site.asked == [JWKS, JWKS]


def test_a_key_without_a_name_is_not_looked_for(site: Site) -> None:
    discovery.keys(provider(), JWKS, None)
    site.now += 300
    discovery.keys(provider(), JWKS, None)
    assert site.asked == [JWKS]


def test_a_provider_in_trouble_is_left_alone_for_ten_seconds(site: Site) -> None:
    site.trouble = "it took too long"
    for wait in (0, 9.5):
        site.now += wait
        with pytest.raises(ProviderTrouble, match=r"^it took too long$"):
            discovery.configuration(provider())
    assert site.asked == [WELL_KNOWN]
    site.now += 0.5
    site.trouble = ""
    assert discovery.configuration(provider()).issuer == ISSUER
    assert site.asked == [WELL_KNOWN, WELL_KNOWN]


def test_what_could_not_be_used_is_told_afresh(site: Site) -> None:
    assert discovery.trouble_with(provider()) == ""
    assert site.asked == [WELL_KNOWN, JWKS]
    site.trouble = "status 500"
    assert discovery.trouble_with(provider()) == "status 500"
    assert site.asked == [WELL_KNOWN, JWKS, WELL_KNOWN]
    site.trouble = ""
    assert discovery.trouble_with(provider()) == ""
    assert discovery.trouble_with(provider(kind="github")) == ""
    assert len(site.asked) == 5


def test_another_may_forget_at_the_same_moment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    class Meanwhile(OrderedDict[Any, Any]):
        def __iter__(self) -> Iterator[Any]:
            yield from [*super().__iter__(), (1, ISSUER, "gone")]

    monkeypatch.setattr(discovery, "_kept", Meanwhile())
    assert discovery.trouble_with(provider()) == ""


def test_a_look_for_trouble_forgets_nobody_elses(site: Site) -> None:
    discovery.configuration(provider(backend=2))
    discovery.trouble_with(provider())
    discovery.configuration(provider(backend=2))
    assert site.asked.count(WELL_KNOWN) == 2


def test_256_answers_are_kept_the_newest(site: Site) -> None:
    for number in range(257):
        discovery.configuration(provider(backend=number))
    site.asked.clear()
    for number in (256, 1):
        discovery.configuration(provider(backend=number))
    assert site.asked == []
    discovery.configuration(provider(backend=0))
    assert site.asked == [WELL_KNOWN]
