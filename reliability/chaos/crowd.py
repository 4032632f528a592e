"""Everybody at once: a thread a person."""

from __future__ import annotations

import time
import traceback
from contextlib import suppress
from random import Random
from threading import Event, Thread

from reliability.chaos.habits import Habits
from reliability.chaos.ledger import Ledger
from reliability.chaos.line import Line
from reliability.chaos.person import Person, Stopped
from reliability.chaos.site import Site

LAST_WAIT = 30.0
"""Seconds that people go on trying after it is enough. The site is whole by then."""


class Crowd:
    """``size`` people, half at each of the site's backends, who have signed up and set up a factor.

    Their luck is drawn from ``seed``. What they do when is still up to the machine.
    """

    def __init__(self, site: Site, ledger: Ledger, size: int, seed: int) -> None:
        self.ledger = ledger
        self.enough = Event()
        self._people = [self._person(site, number, seed) for number in range(size)]
        self._threads: list[Thread] = []

    def begin(self) -> None:
        """Return when everybody is signed in at ``aal2``, and uses the site."""
        ready = [Event() for _ in self._people]
        self._threads = [
            Thread(target=self._live, args=(person, event), name=person.name, daemon=True)
            for person, event in zip(self._people, ready, strict=True)
        ]
        for thread in self._threads:
            thread.start()
        for event in ready:
            event.wait()

    def end(self) -> None:
        """Return when everybody has done what they were about to, and refreshed once more."""
        self.leave(LAST_WAIT)
        for thread in self._threads:
            thread.join()

    def leave(self, patience: float = 0.0) -> None:
        """Let them end, and wait for answers no longer than so many seconds."""
        for person in self._people:
            person.patience = time.monotonic() + patience
        self.enough.set()

    def _person(self, site: Site, number: int, seed: int) -> Person:
        tenant = site.backends[number % len(site.backends)]
        life = self.ledger.life(f"{tenant.ref}-{number}")
        line = Line(site, tenant, self.ledger, life, Random(f"{seed} {number}"), number)
        return Person(line, self.enough)

    def _live(self, person: Person, ready: Event) -> None:
        try:
            habits = Habits(person)
            ready.set()
            habits.go_on()
        except Stopped as why:
            self.ledger.troubles.append(str(why))
        except Exception:
            self.ledger.troubles.append(f"{person.name}:\n{traceback.format_exc()}")
        finally:
            ready.set()
            with suppress(Exception):
                person.line.http.close()
