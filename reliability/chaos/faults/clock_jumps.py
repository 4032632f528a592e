"""Clocks that are wrong for a while: set by NTP in one step, or a machine that was paused."""

from __future__ import annotations

from collections.abc import Sequence

from reliability.chaos.fake_clock import FakeClock
from reliability.chaos.follower import Follower
from reliability.chaos.not_allowed import NotAllowed
from reliability.chaos.site import Site

JUMPS = (90, -90, 600, -600)
"""Seconds ahead of the true time, or behind it."""


class ClockJumps:
    """First one node's clock jumps, and comes back, four times; then those of both together.

    Meanwhile an access token of another time is refused, and whoever is told so refreshes and goes
    on, as apps do. The right code of somebody's phone is a wrong one to a node whose clock is off
    by more than half a minute, and is counted as that. Where a proof has to be recent, a node may
    ask for it again. That is all that people may notice.

    Nobody is signed out: what a refresh does depends on no clock. Nothing is accepted twice, by any
    clock: a code belongs to a step, and steps only go up. No counter goes down, no event is
    missing, and nothing fails.
    """

    name = "Clocks jump forth and back"

    def __call__(self, site: Site) -> None:
        if not site.clocks:
            raise NotAllowed(site.why_no_clock)
        # What was issued meanwhile may be refused for a moment afterwards too.
        site.excuse.add("wrong_clock")
        with site.client() as http:
            follower = Follower(http, site.backends[0])
            try:
                self._jump_about(site, follower)
            finally:
                _jump(site.clocks, 0)

    def _jump_about(self, site: Site, follower: Follower) -> None:
        pause = site.seconds / len(JUMPS) / 4
        for clocks in (site.clocks[:1], site.clocks):
            for seconds in JUMPS:
                _jump(clocks, seconds)
                if clocks == site.clocks:
                    follower.gives_code(seconds)
                site.settle(pause)
                _jump(clocks, 0)
                site.settle(pause)
        assert follower.accepted, "No clock jumped: no code of another time was accepted."
        for seconds in follower.accepted:
            # Once more to when the follower's codes were right: each was used.
            _jump(site.clocks, seconds)
            follower.repeats_code(seconds)


def _jump(clocks: Sequence[FakeClock], seconds: int) -> None:
    for clock in clocks:
        clock.jump(seconds)
