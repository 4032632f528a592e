"""Fills the database and writes the plans: ``python -m benchmarks.peers.allauth.seed FILE``.

Sessions are copies of ones that allauth itself made, each with another account's names in it.
"""

from __future__ import annotations

import os
import sys
from base64 import b32encode
from typing import Any

import django

django.setup()

from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.headless.tokens.strategies.jwt import internal
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from benchmarks.load import code
from benchmarks.peers.allauth.policies.models import Policy
from benchmarks.plans import PASSWORD, Plans, progress, request

API = "/_allauth/app/v1"
Person = tuple[Any, str, str]
"""User, session key, secret."""
PATTERN = 1_900_000_001
"""A key that is nothing else's number in a session."""
SINGLE = 1_900_000_002
"""The same for one without a factor."""


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)  # ours have none
    Policy.objects.create()
    password = make_password(PASSWORD)
    pattern = _people("pattern", 1, password, None, first=PATTERN)[0]
    pending, full = _real_sessions(pattern)
    single = _people("single", 1, password, None, factor=False, first=SINGLE)[0]
    low = _people("low", 200, password, (single, _sign_in(single)[1]), factor=False)
    readers = _people("reader", 400, password, (pattern, full))
    chains = _people("chain", 256, password, (pattern, full))
    signers = _people("signer", 500, password, None, factor=False)
    verifiers = _people("verifier", int(os.environ["BENCH_VERIFY"]), password, (pattern, pending))
    plans = Plans()
    jwt = "BENCH_JWT" in os.environ
    named = _bearer if jwt else _session
    plans.add(
        "gated read",
        [(request("GET", "/orders", named(p)), "") for p in readers],
        has='"level":"aal2"',
    )
    plans.add(
        "aal1 refused",
        [(request("GET", "/orders", named(p)), "") for p in low],
        status=403,
        has='"mfa_required"',
    )
    plans.add(
        "GET user",
        [(request("GET", f"{API}/auth/session", named(p)), "") for p in readers],
        has='"email"',
    )
    if jwt:
        plans.add(
            "refresh",
            [
                (
                    request("POST", f"{API}/tokens/refresh", body={"refresh_token": "{{token}}"}),
                    _refresh_token(p),
                )
                for p in chains
            ],
            mode="chain",
            has='"access_token"',
            after='"refresh_token": "',
        )
    plans.add(
        "factor verify",
        [
            (
                request("POST", f"{API}/auth/2fa/authenticate", _session(p), {"code": "{{code}}"}),
                p[2],
            )
            for p in verifiers
        ],
        mode="once",
        has='"is_authenticated": true',
    )
    sign_in = [
        (
            request("POST", f"{API}/auth/login", body={"email": p[0].email, "password": PASSWORD}),
            "",
        )
        for p in signers
    ]
    plans.add("sign-in", sign_in, has='"session_token"')
    plans.add("sign-in net", sign_in, has='"session_token"')
    plans.write(sys.argv[1])


def _real_sessions(person: Person) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a sign-in leaves that waits for its second step, and one that has had it."""
    token, pending = _sign_in(person)
    done = Client().post(
        f"{API}/auth/2fa/authenticate",
        {"code": code(person[2].encode()).decode()},
        content_type="application/json",
        headers={"X-Session-Token": token},
    )
    assert done.status_code == 200, done.content
    token = done.json()["meta"].get("session_token", token)
    return pending, dict(SessionStore(token).load())


def _sign_in(person: Person) -> tuple[str, dict[str, Any]]:
    """The token of a sign-in with the password, and its session."""
    body = {"email": person[0].email, "password": PASSWORD}
    asked = Client().post(f"{API}/auth/login", body, content_type="application/json")
    token: str = asked.json()["meta"]["session_token"]
    return token, dict(SessionStore(token).load())


def _people(
    what: str,
    count: int,
    password: str,
    like: tuple[Person, dict[str, Any]] | None,
    *,
    factor: bool = True,
    first: int | None = None,
) -> list[Person]:
    made: list[Person] = []
    for numbers in progress(f"{what} accounts", range(count), 1000):
        users = get_user_model().objects.bulk_create(
            get_user_model()(
                pk=None if first is None else first + n,
                username=f"{what}{n}",
                email=f"{what}{n}@example.com",
                password=password,
            )
            for n in numbers
        )
        EmailAddress.objects.bulk_create(
            EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
        )
        secrets = [b32encode(os.urandom(20)).decode() for _ in users]
        if factor:
            Authenticator.objects.bulk_create(
                Authenticator(user=user, type="totp", data={"secret": secret})
                for user, secret in zip(users, secrets, strict=True)
            )
        people = [
            (user, os.urandom(16).hex(), secret)
            for user, secret in zip(users, secrets, strict=True)
        ]
        if like is not None:
            _write_sessions(people, *like)
        made += people
    return made


def _write_sessions(people: list[Person], pattern: Person, data: dict[str, Any]) -> None:
    until = timezone.now() + timezone.timedelta(days=14)
    Session.objects.bulk_create(
        Session(
            session_key=key,
            session_data=SessionStore().encode(_renamed(data, _names(pattern[0], user))),
            expire_date=until,
        )
        for user, key, _ in people
    )


def _names(old: Any, new: Any) -> dict[Any, Any]:
    return {
        str(old.pk): str(new.pk),
        user_pk_to_url_str(old): user_pk_to_url_str(new),
        old.email: new.email,
        old.username: new.username,
        old.get_session_auth_hash(): new.get_session_auth_hash(),
    }


def _renamed(value: Any, names: dict[Any, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def _session(person: Person) -> dict[str, str]:
    return {"X-Session-Token": person[1]}


def _bearer(person: Person) -> dict[str, str]:
    token = internal.create_access_token(person[0], SessionStore(person[1]), {})
    return {"Authorization": f"Bearer {token}"}


def _refresh_token(person: Person) -> str:
    session = SessionStore(person[1])
    token: str = internal.create_refresh_token(person[0], session)
    session.save()
    return token


main()
