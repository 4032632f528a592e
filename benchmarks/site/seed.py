"""Fills LingAuth's database and writes the plans: ``python -m benchmarks.site.seed FILE``.

The accounts for verifying are as many as ``BENCH_VERIFY`` says, since each is used once.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.core.management import call_command  # noqa: E402

from benchmarks.plans import PASSWORD, Plans, Request, request  # noqa: E402
from benchmarks.site import people  # noqa: E402
from benchmarks.site.people import Person  # noqa: E402
from lingauth.models import Backend  # noqa: E402
from lingauth.services import backends  # noqa: E402
from lingauth.services.context import Actor  # noqa: E402
from project.demo.models import Note  # noqa: E402

AUTH, REST = "/b/bench/auth/v1", "/b/bench/rest/v1"


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    made = backends.create_backend(
        ref="bench", name="Bench", auto_confirm=True, actor=Actor.system("benchmarks")
    )
    # Tokens that outlast the run, and the switch on.
    Backend.objects.update(access_token_ttl=3600, mfa_mode="required")
    backend = Backend.objects.get()
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

    apikey = {"apikey": made.anon_key}
    plans = Plans()
    plans.add("gated read", [_get("/host/orders", p) for p in readers], has='"level":"aal2"')
    plans.add(
        "data API read",
        [
            _get(f"{REST}/notes?select=id,title&id=eq.{note.pk}", p, apikey)
            for p, note in zip(readers, own, strict=True)
        ],
        has='"title":"A note"',
    )
    plans.add(
        "aal1 refused", [_get("/host/orders", p) for p in low], status=403, has="mfa_required"
    )
    plans.add(
        "anonymous read",
        [
            (request("GET", f"{REST}/notes?select=id,title&id=eq.{note.pk}", apikey), "")
            for note in public
        ],
        has='"title":"A note"',
    )
    plans.add(
        "refresh",
        [
            (
                _post("token?grant_type=refresh_token", apikey, {"refresh_token": "{{token}}"}),
                p.refresh_token,
            )
            for p in chains
        ],
        mode="chain",
        has='"access_token"',
        after='"refresh_token":"',
    )
    plans.add(
        "factor verify",
        [
            (_post("mfa/verify", apikey | _bearer(p), {"code": "{{code}}"}), p.secret)
            for p in verifiers
        ],
        mode="once",
        has='"access_token"',
    )
    sign_in: list[Request] = [
        (
            _post(
                "token?grant_type=password",
                apikey,
                {"email": p.account.email, "password": PASSWORD},
            ),
            "",
        )
        for p in signers
    ]
    plans.add("sign-in", sign_in, has='"access_token"')
    plans.add("sign-in net", sign_in, has='"access_token"')
    plans.add("GET user", [_get(f"{AUTH}/user", p, apikey) for p in readers], has='"factors"')
    plans.write(sys.argv[1])


def _bearer(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.access_token}"}


def _get(path: str, person: Person, headers: dict[str, str] | None = None) -> Request:
    return request("GET", path, {**(headers or {}), **_bearer(person)}), ""


def _post(path: str, headers: dict[str, str], body: Any) -> str:
    return request("POST", f"{AUTH}/{path}", headers, body)


main()
