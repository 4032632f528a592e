"""What is true of the accounts and their devices. It shares no line with what it judges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from reliability.soak.wire import Told
from tests.invariants.session_model import LEEWAY, Authenticator, Family, Limit, Owner
from tests.support.totp import code_for

T = TypeVar("T")
PASSWORDS = ("correct horse battery", "another horse battery", "a third horse battery")
WRONG = 2
"""Which of them is nobody's."""
SET_UP = 600
"""Seconds that setting up an authenticator may take."""


@dataclass(frozen=True)
class Want:
    """What an answer has to be: its status, its code, and members of its body."""

    status: int
    code: str | None = None
    says: Mapping[str, Any] = field(default_factory=dict)

    def differs(self, told: Told) -> str:
        """What is wrong with an answer; empty if nothing is."""
        if told.status != self.status:
            return f"{self.status} {self.code or ''} was to be answered, not {told}"
        if self.code is not None and told.says("code") != self.code:
            return f"{self.code} was to be answered, not {told}"
        for name, value in self.says.items():
            if (said := told.says(name)) != value:
                return f"{name} was to be {value!r}, not {said!r}"
        return ""


GONE = Want(403, "session_not_found")
BAD_TOKEN = Want(403, "bad_jwt")


@dataclass(frozen=True)
class Access:
    """An access token that a device holds, and when it ends."""

    token: str
    ends: int


@dataclass(frozen=True)
class Pending:
    """An authenticator that is being set up."""

    id: str
    secret: str
    name: str
    born: int

    def is_open(self, now: int) -> bool:
        return now - self.born < SET_UP


@dataclass(frozen=True)
class Challenge:
    """An open question for a code: by whom, of which factor, and how often that session had been
    verified by then."""

    id: str
    session: str
    factor: str
    elevations: int
    ends: int


@dataclass
class Tenant:
    """A backend."""

    ref: str
    row: int
    required: bool = False
    flips: int = 0
    public: frozenset[int] = frozenset()
    """The notes that everybody may read."""


@dataclass
class Person:
    """An account at one backend: its secrets, and its sessions by their ids."""

    ref: str
    email: str
    row: int = 0
    uuid: str = ""
    note: int = 0
    """The one that only they may read."""
    password: int = 0
    changed: int = 0
    """When the password was."""
    owner: Owner = field(default_factory=Owner)
    guesses: Limit = field(default_factory=lambda: Limit(burst=10, cap=100))
    """At the password."""
    codes: tuple[str, ...] = ()
    """The id of the set of recovery codes, and the codes in their order; empty without a set."""
    families: dict[str, Family] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The refresh tokens of each session, the oldest first."""
    access: dict[str, Access] = field(default_factory=dict)
    challenges: dict[str, Challenge] = field(default_factory=dict)
    """The newest of each session."""
    devices: list[str] = field(default_factory=list)
    """The session of each."""
    happened: Counter[str] = field(default_factory=Counter)
    """Events, by kind."""

    def copy(self) -> Self:
        """Another that can be changed without this one. Written out, as it is made for each order
        that the acts of a batch may have had."""
        made = twin(self)
        made.owner = owner = twin(self.owner)
        owner.factors = [twin(factor) for factor in owner.factors]
        owner.unused, owner.used = [*owner.unused], [*owner.used]
        owner.totp, owner.recovery = twin(owner.totp), twin(owner.recovery)
        made.guesses = twin(self.guesses)
        made.families = {name: twin(family) for name, family in self.families.items()}
        made.pending, made.chains = self.pending.copy(), self.chains.copy()
        made.access, made.devices = self.access.copy(), self.devices.copy()
        made.challenges = self.challenges.copy()
        made.happened = Counter(self.happened)
        return made

    def state(self) -> Hashable:
        """All that can differ between two copies."""
        owner = self.owner
        return (
            (self.password, self.changed, *self.devices),
            self.codes[:1],
            tuple((factor.id, factor.used) for factor in owner.factors),
            (*owner.unused, None, *owner.used),
            tuple(each.failures for each in (owner.totp, owner.recovery, self.guesses)),
            tuple(each.locked_until for each in (owner.totp, owner.recovery, self.guesses)),
            frozenset((name, *vars(each).values()) for name, each in self.families.items()),
            frozenset(self.pending.items()),
            frozenset(self.access.items()),
            frozenset(self.challenges.items()),
            frozenset(self.happened.items()),
        )

    def begin(self, told: Told, device: int, now: int) -> Want:
        """Sign in on a device: a session of the id that was answered."""
        if told.status != 200:
            return Want(200)
        session = str(told.says("session_id"))
        if session in self.families:
            return Want(200, says={"session_id": "a new one"})
        self.families[session] = Family(now)
        self.devices[device] = session
        return self.hold(session, told, now)

    def hold(self, session: str, told: Told, now: int) -> Want:
        """Take the pair of the session's present generation, as it is or has to be answered."""
        if told.status != 200:
            return Want(200)
        family = self.families[session]
        chain, token = self.chains.get(session, ()), str(told.says("refresh_token"))
        wanted = token
        if len(chain) >= family.generation:
            wanted = chain[family.generation - 1]
        elif token in chain:
            wanted = "a new one"
        else:
            self.chains[session] = (*chain, token)
        self.access[session] = Access(str(told.says("access_token")), family.token_ends)
        level = "aal2" if family.at_aal2(now) else "aal1"
        says = {"refresh_token": wanted, "expires_at": family.token_ends, "aal": level}
        # Of two proofs at the same moment nothing else tells which was first.
        return Want(200, says=says | {"session_id": session, "generation": family.generation})

    def end_others(self, session: str) -> None:
        for name, family in self.families.items():
            family.ended = family.ended or name != session

    def refuses(self, session: str, held: Access, now: int) -> Want | None:
        """The refusal of an access token, if it is one."""
        if now >= held.ends + LEEWAY:
            return BAD_TOKEN
        return None if self.families[session].is_alive(now) else GONE

    def factor(self, id: str) -> Authenticator | None:
        return next((factor for factor in self.owner.factors if factor.id == id), None)


@dataclass
class Scene:
    """What acts of one moment can see and change."""

    tenant: Tenant
    person: Person
    now: int

    def copy(self) -> Scene:
        return Scene(twin(self.tenant), self.person.copy(), self.now)

    def state(self) -> Hashable:
        return self.tenant.required, self.tenant.flips, self.person.state()


def twin(of: T) -> T:
    """``copy.copy`` without its questions, of which there are too many here."""
    made: T = object.__new__(type(of))
    made.__dict__.update(of.__dict__)
    return made


def step_of(secret: str, code: str, now: int) -> int | None:
    """The newest of the three steps around now whose code this is."""
    steps = range(now // 30 + 1, now // 30 - 2, -1)
    return next((step for step in steps if code_for(secret, step * 30) == code), None)
