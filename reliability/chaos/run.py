"""One run: people begin, faults strike one after the other, people end, and all is judged."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Event, Thread

from reliability.chaos import found
from reliability.chaos.crowd import Crowd
from reliability.chaos.fault import Fault
from reliability.chaos.found import Watch
from reliability.chaos.judging.evidence import Evidence, Phase
from reliability.chaos.ledger import Ledger
from reliability.chaos.not_allowed import NotAllowed
from reliability.chaos.site import Site
from reliability.progress import Progress

QUIET = 2.0
"""So many seconds without a 503 or a call that was not answered, and a fault is over."""
LONGEST = 20.0
"""Seconds after which the next fault strikes anyhow."""
UNDISTURBED = "Nothing"


def run(site: Site, faults: Sequence[Fault], *, people: int, seed: int) -> Evidence:
    """What there is to judge."""
    ledger = Ledger()
    evidence = Evidence(ledger, found.Found(), may_break=site.front != "nginx")
    crowd = Crowd(site, ledger, people, seed)
    try:
        crowd.begin()
        with Progress("chaos", len(faults), "faults") as bar, Watch(site.ask) as watch:
            telling = _Telling(bar, ledger)
            with telling:
                evidence.phases.append(_undisturbed(site, telling))
                for fault in faults:
                    telling.name = fault.name
                    evidence.phases.append(_struck(site, fault, ledger))
                    bar.step()
            crowd.end()
            time.sleep(2 * Watch.PAUSE)
    finally:
        crowd.leave()  # a run that breaks off leaves nobody waiting
    evidence.found = found.read(site.ask)
    evidence.found.readings = watch.readings
    return evidence


def _undisturbed(site: Site, telling: _Telling) -> Phase:
    """How it is without a fault, to compare."""
    now = time.monotonic()
    phase = Phase(UNDISTURBED, began=now, ended=now, ready=now)
    telling.name = UNDISTURBED
    site.settle(min(5.0, site.seconds))
    phase.settled = time.monotonic()
    return phase


def _struck(site: Site, fault: Fault, ledger: Ledger) -> Phase:
    phase = Phase(fault.name, began=time.monotonic())
    try:
        fault(site)
    except NotAllowed as why:
        phase.not_run = str(why)
    except Exception as error:  # told in the end, with all the rest
        phase.broken = f"{fault.name}: {type(error).__name__}: {error}"
        site.heal()
    phase.ended = time.monotonic()
    _settle(site, phase, ledger)
    site.excuse.clear()
    phase.settled = time.monotonic()
    return phase


def _settle(site: Site, phase: Phase, ledger: Ledger) -> None:
    """Until all is well, or for as long as one may wait for that."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        site.settle(0.2)
        if not phase.ready:
            phase.ready = time.monotonic() if site.is_ready() else 0.0
        elif _is_well(ledger, phase.ended):
            return
    phase.ready = phase.ready or time.monotonic()


def _is_well(ledger: Ledger, since: float) -> bool:
    now = time.monotonic()
    lives = [
        [call for call in life.calls[-200:] if call.ended < now] for life in ledger.lives.values()
    ]
    again = all(any(call.is_done and call.ended > since for call in calls) for calls in lives)
    last = max((c.ended for calls in lives for c in calls if not c.is_told), default=0.0)
    return again and now - max(last, since) > QUIET


class _Telling:
    """Says every second what is going on."""

    def __init__(self, bar: Progress, ledger: Ledger) -> None:
        self.bar, self.ledger, self.name = bar, ledger, ""
        self._enough = Event()
        self._thread = Thread(target=self._tell, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _tell(self) -> None:
        while not self._enough.wait(1.0):
            self.bar.say(f"{self.name}; {len(self.ledger):,} calls")
