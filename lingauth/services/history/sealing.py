"""Sealing events, and vouching for what was sealed under an older key."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from hmac import compare_digest

from django.db import IntegrityError, transaction

from lingauth.conf import settings
from lingauth.core import clock, history
from lingauth.core.errors import Conflict
from lingauth.models import Event, HistorySeal
from lingauth.services.history import settled
from lingauth.services.history.chains import Anchor, Names

log = logging.getLogger("lingauth.history")

_PURPOSE = "history"
BATCH = 1000
"""Events in one seal at most: what is held in memory, and what a lost race does in vain."""

Rows = list[tuple[int, bytes]]


class Overtaken(Conflict):
    """Somebody else seals at this moment. Nothing was written that they do not write."""

    message = "Another seal_history is at work; what is left is sealed by it, or by the next."


def seal(*, patience: float = 30.0, accepted: Collection[Anchor] = ()) -> Iterator[Anchor]:
    """Seal every event that is settled; yields each new head once it is committed.

    A seal is put only upon one that carries our mark, or whose head is among the ``accepted``:
    whoever finds a good mark further on knows that all before it was good then. Raises Unavailable
    (``settled.newest``), Overtaken, and Conflict where the chain cannot be gone on with.
    """
    newest = settled.newest(patience=patience)
    while seals := _seal(newest, accepted):
        yield from _write(seals)


def renew() -> tuple[int, int, int]:
    """Put an empty seal under the newest key upon each chain that ends under an older one, so that
    the older key can go. How many chains that were, how many are current, and how many end under
    none of the keys there are.
    """
    renewed = current = unknown = 0
    for backend_id in chains():
        last = HistorySeal.objects.last_of(backend_id)
        if last is None or _mark(bytes(last.head)) == bytes(last.mark):
            current += 1
        elif not is_marked(last):
            unknown += 1
        else:
            _write([_following(last, backend_id, [])])
            renewed += 1
    return renewed, current, unknown


def chains() -> list[int | None]:
    """The backends that have a seal, by their ids."""
    return list(HistorySeal.objects.order_by().values_list("backend_id", flat=True).distinct())


def is_marked(seal: HistorySeal) -> bool:
    """Whether one of our keys marked its head."""
    marks = settings.keychain.digests(_PURPOSE, bytes(seal.head))
    return any(compare_digest(mark, bytes(seal.mark)) for mark in marks)


def head_of(seal: HistorySeal, before: bytes) -> bytes:
    """What its head has to be, if it follows upon the head ``before``."""
    return history.head(
        before,
        backend_id=seal.backend_id,
        number=seal.number,
        last_event_id=seal.last_event_id,
        sealed_at=seal.sealed_at,
        form=seal.form,
        rows=bytes(seal.rows),
    )


def _seal(newest: int, accepted: Collection[Anchor]) -> list[HistorySeal]:
    reach = HistorySeal.objects.reach()
    if reach > newest and reach > settled.last_id():
        raise Conflict(
            f"Seals reach to event {reach}, and the events end before it: some are gone, or a seal "
            "was made up. Run verify_history."
        )
    found: dict[int | None, Rows] = {}
    rows = Event.objects.filter(pk__gt=reach, pk__lte=newest).order_by("pk")[:BATCH]
    for values in rows.values_list(*history.COLUMNS):
        found.setdefault(values[1], []).append((values[0], history.digest(values)))
    # Everybody writes in this order, and so waits for others in it.
    ordered = sorted(found, key=lambda backend_id: backend_id or 0)
    return [_next(backend_id, found[backend_id], reach, accepted) for backend_id in ordered]


def _next(
    backend_id: int | None, rows: Rows, reach: int, accepted: Collection[Anchor]
) -> HistorySeal:
    last = HistorySeal.objects.last_of(backend_id)
    if last is not None and last.last_event_id > reach:
        raise Overtaken  # since ``reach`` was read: these rows may be sealed by now
    if last is not None and not is_marked(last):
        anchor = Names().anchor(last)
        if anchor not in accepted:
            raise Conflict(
                f"The last seal, {anchor}, is under none of the keys that are here, so nothing is "
                "put upon it. Run verify_history; if your log has this very head, go on with "
                f"seal_history --accept {anchor}"
            )
    return _following(last, backend_id, rows)


def _following(last: HistorySeal | None, backend_id: int | None, rows: Rows) -> HistorySeal:
    """A seal over the rows, upon ``last``."""
    before = b"" if last is None else bytes(last.head)
    seal = HistorySeal(
        backend_id=backend_id,
        number=1 if last is None else last.number + 1,
        last_event_id=rows[-1][0] if rows or last is None else last.last_event_id,
        sealed_at=clock.now(),
        form=history.FORM,
        rows=history.packed(rows),
    )
    seal.head = head_of(seal, before)
    seal.mark = _mark(seal.head)
    return seal


def _mark(head: bytes) -> bytes:
    return settings.keychain.digest(_PURPOSE, head)


def _write(seals: list[HistorySeal]) -> list[Anchor]:
    """All of a batch, or nothing: were one chain ahead, the others' events would be left out.

    Two who seal at once both seal the first event that is not sealed yet, each as the same number
    of its chain. There can be one of those.
    """
    try:
        with transaction.atomic(durable=True):
            HistorySeal.objects.bulk_create(seals)
    except IntegrityError as error:
        raise Overtaken from error
    names = Names()
    anchors = [names.anchor(seal) for seal in seals]
    for anchor, seal in zip(anchors, seals, strict=True):
        fields = {
            "backend": anchor.chain,
            "number": anchor.number,
            "head": anchor.head.hex(),
            "last_event_id": seal.last_event_id,
        }
        log.info("Sealed %s to event %d.", anchor, seal.last_event_id, extra={"fields": fields})
    return anchors
