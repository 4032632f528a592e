"""Fills LingAuth's database and writes the plans: ``python -m benchmarks.site.seed FILE``.

The accounts for verifying are as many as ``BENCH_VERIFY`` says, since each is used once.
"""

from __future__ import annotations

import os
import sys

import django

django.setup()

from django.contrib.auth.hashers import make_password
from django.core.management import call_command

from benchmarks.plans import PASSWORD, Plans
from benchmarks.site import calls, people
from lingauth import tokens
from lingauth.core import clock
from lingauth.models import Backend
from lingauth.services import backends
from lingauth.services.context import Actor
from project.demo.models import Note

FIRSTS = 6000
"""Tokens for reading with one that the server does not know. In turn, they are more than it
remembers: each is a stranger again when it comes back."""


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    made = backends.create_backend(
        ref="bench", name="Bench", auto_confirm=True, actor=Actor.system("benchmarks")
    )
    # Tokens that outlast the run, and the switch on.
    Backend.objects.update(access_token_ttl=3600, mfa_mode="required")
    backend = Backend.objects.get()
    key = made.anon_key
    password = make_password(PASSWORD)
    count = int(os.environ["BENCH_VERIFY"])
    readers = people.make(backend, "reader", 400, password=password, aal2=True)
    low = people.make(backend, "low", 200, password=password)
    chains = people.make(backend, "chain", 256, password=password, aal2=True)
    signers = people.make(backend, "signer", 500, password=password)
    verifiers = people.make(backend, "verifier", count, password=password)
    notes = Note.objects.bulk_create(
        Note(backend=backend, owner=person.account, title="A note", is_public=public)
        for public in (True, False)
        for person in readers
    )
    public, own = notes[: len(readers)], notes[len(readers) :]

    plans = Plans()
    plans.add("gated read", [calls.orders(p.access_token) for p in readers], has='"level":"aal2"')
    now = clock.now()
    plans.add(
        "first read",
        [
            calls.orders(tokens.mint(person.session, person.account, backend, now)[0])
            for _ in range(FIRSTS // len(readers))
            for person in readers
        ],
        has='"level":"aal2"',
    )
    plans.add(
        "data API read",
        [
            calls.note(key, note.pk, person.access_token)
            for person, note in zip(readers, own, strict=True)
        ],
        has='"title":"A note"',
    )
    plans.add(
        "aal1 refused",
        [calls.orders(p.access_token) for p in low],
        status=403,
        has='"mfa_required"',
    )
    plans.add("anonymous read", [calls.note(key, note.pk) for note in public], has='"A note"')
    plans.add("GET user", [calls.user(key, p.access_token) for p in readers], has='"factors"')
    plans.add(
        "refresh",
        [calls.refresh(key, p.refresh_token) for p in chains],
        mode="chain",
        has='"access_token"',
        after='"refresh_token":"',
    )
    plans.add(
        "factor verify",
        [calls.verify(key, p.access_token, p.secret) for p in verifiers],
        mode="once",
        has='"access_token"',
    )
    sign_in = [calls.sign_in(key, p.account.email) for p in signers]
    plans.add("sign-in", sign_in, has='"access_token"')
    plans.add("sign-in net", sign_in, has='"access_token"')
    plans.write(sys.argv[1])


main()
