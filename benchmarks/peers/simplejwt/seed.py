"""Fills the database and writes the plans: ``python -m benchmarks.peers.simplejwt.seed FILE``."""

from __future__ import annotations

import os
import sys
from base64 import b32encode
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.utils import datetime_from_epoch

from benchmarks.peers.simplejwt.notes.models import Note
from benchmarks.peers.simplejwt.sessions.models import Policy, Session
from benchmarks.plans import PASSWORD, Plans, progress, request


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)  # ours have none
    policy = Policy.objects.create()
    password = make_password(PASSWORD)
    readers = _people("reader", 400, policy, password, verified=True)
    low = _people("low", 200, policy, password)
    chains = _people("chain", 256, policy, password, verified=True)
    signers = _people("signer", 500, policy, password)
    verifiers = _people("verifier", int(os.environ["BENCH_VERIFY"]), policy, password)
    plans = Plans()
    plans.add("gated read", [(_get("/orders", p), "") for p in readers], has='"level":"aal2"')
    plans.add("aal1 refused", [(_get("/orders", p), "") for p in low], status=403, has="mfa_req")
    notes = Note.objects.bulk_create(
        Note(owner=p[0], title="A note", is_public=public)
        for public in (True, False)
        for p in readers
    )
    public, own = notes[: len(readers)], notes[len(readers) :]
    plans.add(
        "data API read",
        [(_get(f"/notes?id={note.pk}", p), "") for p, note in zip(readers, own, strict=True)],
        has='"title":"A note"',
    )
    plans.add(
        "anonymous read",
        [(request("GET", f"/notes?id={note.pk}"), "") for note in public],
        has='"title":"A note"',
    )
    plans.add("GET user", [(_get("/user", p), "") for p in readers], has='"email"')
    plans.add(
        "refresh",
        [(request("POST", "/refresh", body={"refresh": "{{token}}"}), p[2]) for p in chains],
        mode="chain",
        has='"access"',
        after='"refresh":"',
    )
    plans.add(
        "factor verify",
        [(request("POST", "/verify", _bearer(p), {"code": "{{code}}"}), p[3]) for p in verifiers],
        mode="once",
        has='"access"',
    )
    sign_in = [
        (request("POST", "/token", body={"username": p[0].username, "password": PASSWORD}), "")
        for p in signers
    ]
    plans.add("sign-in", sign_in, has='"access"')
    plans.add("sign-in net", sign_in, has='"access"')
    plans.write(sys.argv[1])


def _people(
    what: str, count: int, policy: Policy, password: str, *, verified: bool = False
) -> list[tuple[Any, str, str, str]]:
    """User, access token, refresh token and secret of each."""
    now = timezone.now()
    made: list[tuple[Any, str, str, str]] = []
    for numbers in progress(f"{what} accounts", range(count), 1000):
        users = get_user_model().objects.bulk_create(
            get_user_model()(
                username=f"{what}{n}", email=f"{what}{n}@example.com", password=password
            )
            for n in numbers
        )
        sessions = Session.objects.bulk_create(
            Session(user=user, policy=policy, verified_at=now if verified else None)
            for user in users
        )
        devices = TOTPDevice.objects.bulk_create(
            TOTPDevice(user=user, name="default", confirmed=True) for user in users
        )
        tokens = [_token(session) for session in sessions]
        OutstandingToken.objects.bulk_create(
            OutstandingToken(
                user_id=token["user_id"],
                jti=token["jti"],
                token=str(token),
                created_at=now,
                expires_at=datetime_from_epoch(token["exp"]),
            )
            for token in tokens
        )
        made += [
            (user, str(token.access_token), str(token), b32encode(device.bin_key).decode())
            for user, token, device in zip(users, tokens, devices, strict=True)
        ]
    return made


def _token(session: Session) -> Any:
    """As ``RefreshToken.for_user`` makes it, but for the row, which is written in bulk."""
    token = RefreshToken()
    token["user_id"] = str(session.user_id)
    token["session_id"] = str(session.pk)
    return token


def _bearer(person: tuple[Any, str, str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {person[1]}"}


def _get(path: str, person: tuple[Any, str, str, str]) -> str:
    return request("GET", path, _bearer(person))


main()
