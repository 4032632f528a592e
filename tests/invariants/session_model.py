"""A small model of a session family and its account: plain numbers, no database, no product code.

Times are Unix seconds. It says what has to be true, so it is written from the rules and shares no
line with what it judges.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_AGE, MAX_IDLE, MAX_LIFE = 86_400, 3_600, 30 * 86_400
FRESH, SUPERSEDED = 600, 30
TOKEN_LIFE, LEEWAY = 300, 10


@dataclass
class Limit:
    """Wrong guesses in a row: each ``burst`` locks for 15, then 30, then 60 minutes; ``cap`` for
    good."""

    failures: int = 0
    locked_until: int = 0
    burst: int = 5
    cap: int = 20

    def is_open(self, now: int) -> bool:
        return self.failures < self.cap and self.locked_until <= now

    def miss(self, now: int) -> None:
        self.failures += 1
        rounds, rest = divmod(self.failures, self.burst)
        self.locked_until = 0 if rest else now + 60 * (15, 30, 60)[min(rounds, 3) - 1]

    def hit(self) -> None:
        self.failures, self.locked_until = 0, 0


@dataclass
class Family:
    """One sign-in on one device."""

    born: int
    generation: int = 1
    ended: bool = False
    active: int = 0
    verified: int | None = None
    elevations: int = 0
    """How often a second factor was proven in it."""
    advanced: int = 0
    by_verification: bool = False
    key: str | None = None
    """What the last refresh or proof was named by; None if it cannot be retried."""
    token_ends: int = 0
    """When the newest access token ends."""

    def __post_init__(self) -> None:
        self.active = self.advanced = self.born
        self.mint(self.born)

    def is_alive(self, now: int) -> bool:
        return not self.ended and now < self.born + MAX_LIFE

    def at_aal2(self, now: int) -> bool:
        return self.verified is not None and now < min(
            self.verified + MAX_AGE, self.active + MAX_IDLE
        )

    def is_fresh(self, now: int) -> bool:
        return self.at_aal2(now) and self.verified is not None and now - self.verified <= FRESH

    def has_token(self, now: int) -> bool:
        """Whether the newest access token is still believed, if the session lives."""
        return self.is_alive(now) and now < self.token_ends + LEEWAY

    def refresh(self, now: int, key: str | None) -> None:
        if not self.at_aal2(now):
            self.verified = None
        self._advance(now)
        self.key, self.by_verification = key, False

    def verify(self, now: int, key: str | None = None) -> None:
        self.verified = now
        self.elevations += 1
        self._advance(now)
        self.key, self.by_verification = key or self.key, True

    def presents_old(self, back: int, key: str | None, now: int) -> str:
        """What comes of the token ``back`` generations before the current one: ``child``,
        ``refused`` or ``ended``."""
        if back <= (2 if self.by_verification else 1) and key and key == self.key:
            return "child"
        if back == 1 and self.by_verification and now - self.advanced <= SUPERSEDED:
            return "refused"
        self.ended = True
        return "ended"

    def _advance(self, now: int) -> None:
        self.generation += 1
        self.active = self.advanced = now
        self.mint(now)

    def mint(self, now: int) -> None:
        ends = [now + TOKEN_LIFE, self.born + MAX_LIFE]
        if self.verified is not None and self.at_aal2(now):
            ends += [self.verified + MAX_AGE, self.active + MAX_IDLE]
        self.token_ends = max(min(ends), now + 1)


@dataclass
class Authenticator:
    """A verified factor: its secret, and the last time step it was used for."""

    id: str
    secret: str
    used: int
    name: str = ""

    def next_step(self, now: int) -> int | None:
        """The earliest step whose code is still good; None if all that are valid now are used."""
        good = [s for s in range(now // 30 - 1, now // 30 + 2) if s > self.used]
        return min(good, default=None)


@dataclass
class Owner:
    """The account: its second factors, and what counts wrong guesses at them."""

    factors: list[Authenticator] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    totp: Limit = field(default_factory=Limit)
    recovery: Limit = field(default_factory=Limit)

    @property
    def has_codes(self) -> bool:
        return bool(self.unused or self.used)
