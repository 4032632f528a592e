"""Sealing in batches, under keys that change, beside others who seal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from lingauth.conf import settings as ours
from lingauth.core import history
from lingauth.core.errors import Conflict
from lingauth.models import Backend, Event, HistorySeal
from lingauth.services.history import checking, sealing
from lingauth.services.history.chains import Anchor, Names, anchors_in
from tests.support.history import happen, seal

pytestmark = pytest.mark.django_db
OLD, NEW = 50 * "o", 50 * "n"
Keys = Callable[..., None]


@pytest.fixture
def keys(settings: Settings) -> Keys:
    def use(*roots: str) -> None:
        settings.LINGAUTH = {**settings.LINGAUTH, "SECRET_KEYS": list(roots)}

    use(OLD)
    return use


@pytest.fixture
def backends(db: None) -> list[Backend]:
    return [Backend.objects.create(ref=ref, name=ref) for ref in ("one", "two")]


def numbers(anchors: list[Anchor]) -> list[tuple[str, int]]:
    return [(anchor.chain, anchor.number) for anchor in anchors]


def test_each_backend_has_a_chain_and_none_has_one(backends: list[Backend]) -> None:
    one, two = backends
    for backend_id in (two.pk, one.pk, None, two.pk):
        happen(backend_id)
    assert numbers(seal()) == [("_", 1), ("one", 1), ("two", 1)]
    happen(two.pk)
    assert numbers(seal()) == [("two", 2)]
    assert seal() == []
    seals = HistorySeal.objects.filter(backend=two)
    sealed = [key for s in seals for key, _ in history.unpacked(s.rows)]
    assert sealed == list(
        Event.objects.filter(backend=two).order_by("pk").values_list("pk", flat=True)
    )


def test_batches_leave_nothing_out(
    backends: list[Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    monkeypatch.setattr(checking, "_BATCH", 2)
    monkeypatch.setattr(checking, "_SEALS", 1)
    one, two = (backend.pk for backend in backends)
    for backend_id in (one, two, None, one, one):
        happen(backend_id)
    assert numbers(seal()) == [("one", 1), ("two", 1), ("_", 1), ("one", 2), ("one", 3)]
    report = checking.check()
    assert report.whole
    assert (report.events, report.seals) == (5, 5)


def test_a_mark_is_made_as_it_was_by_earlier_releases(backends: list[Backend]) -> None:
    happen(backends[0].pk)
    seal()
    last = HistorySeal.objects.get()
    assert bytes(last.mark) == ours.keychain.digest("history", bytes(last.head))


def test_each_head_is_logged_once_it_is_there(
    backends: list[Backend], caplog: pytest.LogCaptureFixture
) -> None:
    happen(backends[0].pk)
    with caplog.at_level("INFO", logger="lingauth.history"):
        (anchor,) = seal()
    (record,) = caplog.records
    last = Event.objects.latest("pk").pk
    assert record.getMessage() == f"Sealed {anchor} to event {last}."
    assert list(anchors_in(record.getMessage())) == [anchor]
    fields: Any = record.__dict__["fields"]
    head = anchor.head.hex()
    assert fields == {"backend": "one", "number": 1, "head": head, "last_event_id": last}


def test_somebody_who_seals_since_we_looked_is_noticed(
    backends: list[Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the latest moment but one: after our rows were read, before the end of their chain is."""
    happen(backends[0].pk)
    digest = history.digest

    def slowly(values: Any) -> bytes:
        monkeypatch.setattr(history, "digest", digest)
        seal()
        return digest(values)

    monkeypatch.setattr(history, "digest", slowly)
    with pytest.raises(sealing.Overtaken, match="Another seal_history is at work"):
        seal()
    assert HistorySeal.objects.count() == 1
    assert checking.check().whole


def test_somebody_who_seals_while_we_do_is_noticed(
    backends: list[Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the latest moment: the end of the chain was read."""
    happen(backends[0].pk)
    head = history.head

    def slowly(*given: Any, **values: Any) -> bytes:
        monkeypatch.setattr(history, "head", head)
        seal()
        return head(*given, **values)

    monkeypatch.setattr(history, "head", slowly)
    with pytest.raises(sealing.Overtaken, match="Another seal_history is at work"):
        seal()
    assert HistorySeal.objects.count() == 1
    assert checking.check().whole


def test_an_older_key_that_is_still_there_is_enough(keys: Keys, backends: list[Backend]) -> None:
    happen(backends[0].pk)
    seal()
    keys(NEW, OLD)
    assert checking.check().whole
    happen(backends[0].pk)
    seal()
    assert checking.check().whole


def test_a_seal_under_the_new_key_speaks_for_those_before_it(
    keys: Keys, backends: list[Backend]
) -> None:
    for backend in backends:
        happen(backend.pk)
    seal()
    keys(NEW, OLD)
    happen(backends[0].pk)
    seal()
    keys(NEW)
    (sentence,) = checking.check().sentences()
    assert sentence.startswith("Seal 1 of two is under none of the keys that are here")


def test_renewing_puts_one_upon_the_chains_that_have_none(
    keys: Keys, backends: list[Backend]
) -> None:
    for backend in backends:
        happen(backend.pk)
    seal()
    keys(NEW, OLD)
    happen(backends[0].pk)
    seal()
    assert sealing.renew() == (1, 1, 0)
    assert sealing.renew() == (0, 2, 0)
    keys(NEW)
    report = checking.check()
    assert report.whole
    assert (report.events, report.seals) == (3, 4)
    for backend in backends:
        happen(backend.pk)
    assert len(seal()) == 2
    assert checking.check().whole


def test_renewing_counts_each_chain(keys: Keys, backends: list[Backend]) -> None:
    for backend in backends:
        happen(backend.pk)
    seal()
    keys(NEW)
    assert sealing.renew() == (0, 0, 2)
    keys(NEW, OLD)
    assert sealing.renew() == (2, 0, 0)


def test_a_seal_inside_a_transaction_is_a_mistake(backends: list[Backend]) -> None:
    """Its head is told as one that is there, and a rollback would take it away."""
    happen(backends[0].pk)
    with pytest.raises(RuntimeError), transaction.atomic():
        seal()
    assert not HistorySeal.objects.exists()


def test_without_its_key_a_chain_needs_a_head_from_the_log(
    keys: Keys, backends: list[Backend]
) -> None:
    happen(backends[0].pk)
    seal()
    happen(backends[0].pk)
    (logged,) = seal()
    keys(NEW)
    assert sealing.renew() == (0, 0, 1)
    (sentence,) = checking.check().sentences()
    assert sentence.startswith("Seals 1 to 2 of one are under none of the keys that are here")
    assert checking.check(anchors=[logged]).whole
    happen(backends[0].pk)
    with pytest.raises(Conflict) as refused:
        seal()
    assert list(anchors_in(refused.value.message)) == [logged, logged]
    wrong = Anchor(logged.chain, logged.number, bytes(32))
    with pytest.raises(Conflict):
        list(sealing.seal(accepted=[wrong]))
    list(sealing.seal(accepted=[logged]))
    assert checking.check().whole


def test_one_chain_is_checked_alone(backends: list[Backend]) -> None:
    one, two = backends
    for backend_id in (one.pk, two.pk, two.pk, None):
        happen(backend_id)
    seal()
    for only, count in (([one.pk], 1), ([two.pk], 2), ([None], 1), ([two.pk, None], 3)):
        report = checking.check(only=only)
        assert report.whole
        assert report.events == count


def test_a_head_of_a_backend_that_is_gone_is_found_by_its_old_name(
    backends: list[Backend],
) -> None:
    happen(backends[0].pk)
    (logged,) = seal()
    backends[0].delete()
    assert checking.check(anchors=[logged]).whole
    made_up = Anchor("one", 1, bytes(32))
    assert not checking.check(anchors=[made_up]).whole
    assert not checking.check(anchors=[Anchor("_7777", 1, logged.head)]).whole


def test_names_and_heads_in_a_text(backends: list[Backend]) -> None:
    names, head = Names(), "8f" * 32
    for key in (backends[0].pk, 7777, None):
        assert names.backend_id(names.of(key)) == key
    text = f'"Sealed a-b:7:{head}" _:1:{head}, _17:2:{head} _x:3:{head} c:4:{head}0 d:5:{head[1:]}'
    assert [str(anchor) for anchor in anchors_in(text)] == [
        f"a-b:7:{head}",
        f"_:1:{head}",
        f"_17:2:{head}",
    ]
