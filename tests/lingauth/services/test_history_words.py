"""What chains and their heads are called, and how what is wrong with them is told."""

from __future__ import annotations

import pytest

from lingauth.models import Backend, HistorySeal
from lingauth.services.history.chains import Anchor, Names, anchors_in
from lingauth.services.history.report import Report


def test_a_head_is_its_chain_its_number_and_its_digest() -> None:
    anchor = Anchor("acme", 7, bytes.fromhex("8f" * 32))
    assert str(anchor) == "acme:7:" + "8f" * 32
    assert list(anchors_in(f"Sealed {anchor} to event 12.")) == [anchor]
    number = "9" * 18
    assert [found.number for found in anchors_in(f"a:{number}:{'0' * 64}")] == [int(number)]
    assert list(anchors_in(f"a:{number}9:{'0' * 64}")) == []


@pytest.mark.django_db
def test_a_chain_is_called_by_its_backends_ref() -> None:
    backend = Backend.objects.create(ref="acme", name="Acme")
    names = Names()
    assert [names.of(key) for key in (backend.pk, backend.pk + 70, None)] == [
        "acme",
        f"_{backend.pk + 70}",
        "_",
    ]
    assert [names.backend_id(name) for name in ("acme", "_71", "_")] == [backend.pk, 71, None]
    for name in ("gone", "Acme"):
        with pytest.raises(LookupError):
            names.backend_id(name)
    seal = HistorySeal(backend=backend, number=3, head=bytes(range(32)))
    assert names.anchor(seal) == Anchor("acme", 3, bytes(range(32)))


def test_a_report_of_nothing_is_whole() -> None:
    report = Report()
    assert report.whole is True
    assert (report.findings, report.sentences()) == (0, [])
    numbers = (report.events, report.seals, report.heads, report.newer, report.oldest_newer)
    assert numbers == (0, 0, 0, 0, None)


def test_twenty_of_a_kind_are_told_and_the_others_counted() -> None:
    report = Report()
    for n in range(20):
        report.add("events gone", f"Event {n} is gone.")
    report.add("seals gone", "Seal 1 of acme is gone.")
    assert report.sentences()[18:] == [
        "Event 18 is gone.",
        "Event 19 is gone.",
        "Seal 1 of acme is gone.",
    ]
    for n in (20, 21):
        report.add("events gone", f"Event {n} is gone.")
    assert (report.whole, report.findings) == (False, 23)
    assert len(report.sentences()) == 22
    assert report.sentences()[20:] == ["Seal 1 of acme is gone.", "And 2 more events gone."]
