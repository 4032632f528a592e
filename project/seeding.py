"""Fills an empty installation with the demo. What is there already is left alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_urlsafe

from lingauth.models import Account, Backend
from lingauth.services import accounts, backends, operators
from lingauth.services.context import Actor, ClientInfo
from project import demo_backend
from project.demo.models import Note

ACTOR = Actor.system("demo")
NOTES = {
    "ada@example.com": (
        ("Welcome", "Anybody can read this: it is public.", True),
        ("Office hours", "Mondays from ten to noon, in the blue room.", True),
        ("Draft of a letter", "Only Ada can read this, once she has signed in.", False),
    ),
    "grace@example.com": (
        ("On compilers", "The first ones were thought impossible.", True),
        ("To do", "Set up a second step before the switch is flipped.", False),
    ),
}


@dataclass(slots=True)
class Seeded:
    """What was made now. Passwords can be read here and nowhere else."""

    operator_password: str | None = None
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.operator_password is not None or bool(self.passwords)


def seed() -> Seeded:
    """Make whatever part of the demo is missing: the backend, its operator, two people, notes."""
    made = Seeded()
    backend = Backend.objects.filter(ref=demo_backend.REF).first()
    if backend is None:
        backend = backends.create_backend(
            ref=demo_backend.REF, name=demo_backend.NAME, auto_confirm=True, actor=ACTOR
        ).backend
    if not backend.operators.exists():
        made.operator_password = operators.create(
            email=demo_backend.OPERATOR, backend=backend, role="owner", actor=ACTOR
        ).password
    for email in demo_backend.PEOPLE:
        if not Account.objects.filter(backend=backend, email_key=email).exists():
            made.passwords[email] = _person(backend, email)
    return made


def _person(backend: Backend, email: str) -> str:
    """An account with its notes; the password it got."""
    password = token_urlsafe(12)
    accounts.sign_up(
        backend=backend,
        email=email,
        password=password,
        client=ClientInfo(user_agent="manage.py seed_demo"),
    )
    owner = Account.objects.get(backend=backend, email_key=email)
    Note.objects.bulk_create(
        Note(backend=backend, owner=owner, title=title, body=body, is_public=public)
        for title, body, public in NOTES[email]
    )
    return password
