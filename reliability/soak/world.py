"""Two backends, and people who have accounts there: one of them at both, by the same address."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.handlers.wsgi import WSGIHandler

from lingauth import keyring
from lingauth.models import Account
from project.demo.models import Note
from reliability.soak import rows
from reliability.soak.model import PASSWORDS, Person, Scene, Tenant
from reliability.soak.wire import Sent, Wire
from tests.support.people import new_backend

HERE, THERE = "north", "south"
PEOPLE = ((HERE, "ann"), (HERE, "ben"), (HERE, "cleo"), (THERE, "ann"), (THERE, "dan"))
DEVICES = (2, 3, 4)


@dataclass
class World:
    """``now`` is the time of the next act, in Unix seconds."""

    wire: Wire
    now: int
    tenants: dict[str, Tenant] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    public: dict[str, bytes] = field(default_factory=dict)
    """What is answered without a session, at each backend."""
    clumsy: float = 0.2
    """How often a secret is a wrong one."""
    events: int = 0
    mails: int = 0
    """How many there were at the start."""

    @classmethod
    def make(cls, now: int) -> World:
        """A new one, in an empty database."""
        keyring.forget()
        world = cls(Wire(WSGIHandler()), now)
        for ref in (HERE, THERE):
            made = new_backend(ref)
            world.wire.keys[ref] = made.anon_key
            world.tenants[ref] = Tenant(ref, made.backend.pk)
        world.people = [world._joined(ref, f"{name}@example.com") for ref, name in PEOPLE]
        for ref in world.tenants:
            world.public[ref] = world.wire.call(ref, Sent("GET", "rest/v1/notes")).content
        world.events, world.mails = rows.totals()
        world.events -= sum(person.happened.total() for person in world.people)
        return world

    def scene(self, person: Person) -> Scene:
        return Scene(self.tenants[person.ref], person, self.now)

    def take(self, scene: Scene) -> None:
        """Go on from there."""
        self.tenants[scene.tenant.ref] = scene.tenant
        at = next(i for i, person in enumerate(self.people) if person.row == scene.person.row)
        self.people[at] = scene.person

    def _joined(self, ref: str, email: str) -> Person:
        """Somebody who signed up, with a note of their own and one for everybody."""
        body = {"email": email, "password": PASSWORDS[0]}
        told = self.wire.call(ref, Sent("POST", "auth/v1/signup", body))
        if told.status != 200:
            raise RuntimeError(f"Nobody can sign up: {told}")
        account = Account.objects.select_related("backend").get(uuid=told.body["user"]["id"])
        person = Person(ref, email, account.pk, str(account.uuid), devices=[""])
        for title, public in (("Mine", False), ("Everybody's", True)):
            note = Note(backend=account.backend, owner=account, title=title, is_public=public)
            note.save(force_insert=True)
            if public:
                self.tenants[ref].public |= {note.pk}
            else:
                person.note = note.pk
        person.happened.update(signed_up=1, signed_in=1)
        wrong = person.begin(told, 0, self.now).differs(told)
        if wrong:
            raise RuntimeError(f"A sign-up was answered strangely: {wrong}")
        return person

    def wrong(self) -> str:
        """Whatever of the database is not as the model has it; empty if nothing is."""
        found = rows.of_people(self.people)
        faults = [rows.differs(person, found[person.row]) for person in self.people]
        faults += [f"{each} is at aal2 without a proof" for each in rows.unproven()]
        versions = rows.versions()
        for tenant in self.tenants.values():
            mode = "required" if tenant.required else "optional"
            should = (1 + tenant.flips, mode)
            if versions[tenant.row] != should or rows.policy_events(tenant) != tenant.flips:
                faults.append(f"The switch of {tenant.ref} was to be at {should}")
        happened = [person.happened for person in self.people]
        events = self.events + sum(each.total() for each in happened)
        events += sum(tenant.flips for tenant in self.tenants.values())
        mails = self.mails + sum(each[kind] for each in happened for kind in rows.TELLS)
        if (there := rows.totals()) != (events, mails):
            faults.append(f"There were to be {events} events and {mails} mails, not {there}")
        return "\n".join(fault for fault in faults if fault)
