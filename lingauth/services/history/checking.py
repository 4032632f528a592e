"""Checking the history: every seal against the one before it, every event against its seal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from heapq import merge

from django.db.models import Count, Min

from lingauth.core import clock, history
from lingauth.models import Event, HistorySeal
from lingauth.models.event import EventQuerySet
from lingauth.services.history.chains import Anchor, Names
from lingauth.services.history.report import Report
from lingauth.services.history.sealing import chains, head_of, is_marked

_BATCH = 1000
_SEALS = 10
_OVERDUE = timedelta(hours=1)

Rows = Iterator[tuple[int, bytes]]


def check(*, only: Sequence[int | None] | None = None, anchors: Iterable[Anchor] = ()) -> Report:
    """Recompute all seals and events, or those of the chains of ``only`` these backends.

    Each of the ``anchors`` has to be found; the last one of a chain speaks for the seals up to it,
    whatever key they are under. Reads in batches, beside whoever writes. What is sealed meanwhile
    is left for the next check.
    """
    report, names = Report(), Names()
    reach = HistorySeal.objects.reach()
    trusted = _look_for(anchors, names, report)
    wanted = [one for one in chains() if only is None or one in only]
    sealed = (_sealed(one, reach, trusted.get(names.of(one)), names, report) for one in wanted)
    _compare(merge(*sealed), _present(_events(only).filter(pk__lte=reach)), report)
    _count_newer(_events(only).filter(pk__gt=reach), report)
    return report


def _events(only: Sequence[int | None] | None) -> EventQuerySet:
    if only is None:
        return Event.objects.all()
    found = Event.objects.filter(backend__in=[one for one in only if one is not None])
    return found | Event.objects.filter(backend=None) if None in only else found


def _present(events: EventQuerySet) -> Rows:
    """Ids and digests of the events as they are now."""
    ordered = events.order_by("pk").values_list(*history.COLUMNS)
    found = list(ordered[:_BATCH])  # no id is too small to be looked at
    while found:
        for values in found:
            yield values[0], history.digest(values)
        found = list(ordered.filter(pk__gt=found[-1][0])[:_BATCH])


def _sealed(
    backend_id: int | None, reach: int, trusted: Anchor | None, names: Names, report: Report
) -> Rows:
    """Ids and digests of the events as they were sealed. Checks the chain on the way."""
    name, number, before = names.of(backend_id), 0, b""
    doubtful: int | None = None  # the first of those that no good mark was found for yet
    for seal in _seals(backend_id, reach):
        report.seals += 1
        follows = seal.number == number + 1
        if not follows:
            report.add("seals gone", f"{_span(number + 1, seal.number - 1, name)} gone.")
        elif head_of(seal, before) != bytes(seal.head):
            follows = False
            report.add(
                "seals changed",
                f"Seal {seal.number} of {name} is not as it was made, or not the one that was made "
                "after the one before it.",
            )
        if doubtful is not None and not follows:
            _doubt(doubtful, number, name, report)
            doubtful = None
        number, before = seal.number, bytes(seal.head)
        if is_marked(seal) or names.anchor(seal) == trusted:
            doubtful = None  # and so were all before it, when it was put upon them
        elif doubtful is None:
            doubtful = number
        yield from sorted(history.unpacked(seal.rows))
    if doubtful is not None:
        _doubt(doubtful, number, name, report)


def _seals(backend_id: int | None, reach: int) -> Iterator[HistorySeal]:
    last = 0
    chain = HistorySeal.objects.filter(backend=backend_id, last_event_id__lte=reach)
    while found := list(chain.filter(number__gt=last).order_by("number")[:_SEALS]):
        yield from found
        last = found[-1].number


def _doubt(first: int, last: int, name: str, report: Report) -> None:
    report.add(
        "seals in doubt",
        f"{_span(first, last, name)} under none of the keys that are here: made up, or the key was "
        "taken away. A head from your log speaks for them.",
    )


def _span(first: int, last: int, name: str) -> str:
    if first == last:
        return f"Seal {first} of {name} is"
    return f"Seals {first} to {last} of {name} are"


def _compare(sealed: Rows, present: Rows, report: Report) -> None:
    """Both are in the order of their ids."""
    row = next(sealed, None)
    for key, digest in present:
        while row is not None and row[0] < key:
            _gone(row[0], report)
            row = next(sealed, None)
        if row is None or row[0] > key:
            report.add(
                "events in no seal",
                f"Event {key} is in no seal: it was added later, or its seal is gone.",
            )
            continue
        report.events += 1
        if row[1] != digest:
            report.add("events changed", f"Event {key} was changed.")
        row = next(sealed, None)
    while row is not None:
        _gone(row[0], report)
        row = next(sealed, None)


def _gone(key: int, report: Report) -> None:
    # Of one chain alone, an event that was moved to another backend's is not there.
    if Event.objects.filter(pk=key).exists():
        report.add("events changed", f"Event {key} was changed: it is another backend's now.")
    else:
        report.add("events gone", f"Event {key} is gone.")


def _look_for(anchors: Iterable[Anchor], names: Names, report: Report) -> dict[str, Anchor]:
    """Report the anchors that are not there. The last of each chain that is."""
    found: dict[str, Anchor] = {}
    for anchor in anchors:
        report.heads += 1
        if _is_there(anchor, names):
            if anchor.chain not in found or anchor.number > found[anchor.chain].number:
                found[anchor.chain] = anchor
        else:
            report.add(
                "heads not there",
                f"{anchor} is not there: the end of that history was taken away, or written anew, "
                "or an older backup was put back.",
            )
    return found


def _is_there(anchor: Anchor, names: Names) -> bool:
    seals = HistorySeal.objects.filter(number=anchor.number)
    try:
        backend_ids = [names.backend_id(anchor.chain)]
    except LookupError:  # its backend is gone, and with it the ref
        backend_ids = [one for one in chains() if names.of(one) == f"_{one}"]
    return any(
        bytes(head) == anchor.head
        for backend_id in backend_ids
        for head in seals.filter(backend=backend_id).values_list("head", flat=True)
    )


def _count_newer(events: EventQuerySet, report: Report) -> None:
    newer = events.aggregate(count=Count("pk"), oldest=Min("at"))
    report.newer, report.oldest_newer = newer["count"], newer["oldest"]
    if report.oldest_newer is not None and report.oldest_newer < clock.now() - _OVERDUE:
        report.add(
            "events overdue",
            f"{report.newer} events are in no seal yet, the oldest of "
            f"{report.oldest_newer:%Y-%m-%d %H:%M:%S} UTC: is seal_history run?",
        )
