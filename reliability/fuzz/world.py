"""What the calls are made against: a backend with people in every state, another one beside it, a
provider; and every secret that any of it holds.

Made once in a process, at a time that stands still: so a code stays one code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, urlsplit

import time_machine
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings

from lingauth import keyring
from lingauth.core import clock
from lingauth.core.pkce import s256
from lingauth.models import Backend, Identity
from lingauth.services import backends, providers
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from lingauth.services.social import discovery
from reliability.fuzz.isolation import connected, undone
from tests.invariants.canary import Secrets
from tests.support.app import App
from tests.support.mailbox import newest
from tests.support.openid import CLIENT_ID, SECRET, OpenId, running
from tests.support.totp import code_for

APP = "https://app.example.com/cb"
VERIFIER = "a-canary-of-a-verifier-that-is-of-forty-three"
CHALLENGE = {"code_challenge": s256(VERIFIER), "code_challenge_method": "s256"}
OPEN = {
    "redirect_urls": ["https://app.example.com/**"],
    "anonymous_enabled": True,
    "mail_cooldown": 0,
    "mails_per_hour": 1000,
}
MOODS: dict[str, dict[str, Any]] = {
    "open": {},
    "careful": {"auto_confirm": False, "one_step_links": True, "mfa_mode": "required"},
    "closed": {
        "signup_enabled": False,
        "anonymous_enabled": False,
        "manual_linking_enabled": False,
        "mail_sign_in_enabled": False,
        "mail_cooldown": 60,
        "single_session": True,
    },
}
"""Settings of the backend that a call may meet, besides those it was made with."""


class Lasting(dict[str, dict[str, str]]):
    """The provider's codes. A call is undone in our database, and so it has to be here."""

    def pop(self, key: str, default: Any = None) -> Any:
        return self.get(key, default)


@dataclass
class Somebody:
    """A person of a backend. ``mailed`` are the newest codes and links by purpose."""

    app: App
    password: str
    factor: str = ""
    challenge: str = ""
    session: str = ""
    codes: list[str] = field(default_factory=list)
    mailed: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.app.session["user"]["id"])

    def headers(self, key: str) -> dict[str, str]:
        return {"apikey": key, "Authorization": f"Bearer {self.app.session['access_token']}"}

    def code(self, steps: int = 0) -> str:
        return code_for(self.app.secret, clock.now().timestamp() + 30 * steps)


@dataclass
class World:
    """``headers`` is what each caller sends along."""

    made: NewBackend
    rival: NewBackend
    provider: OpenId
    people: dict[str, Somebody] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    flow: dict[str, str] = field(default_factory=dict)
    notes: list[int] = field(default_factory=list)

    @property
    def ref(self) -> str:
        return self.made.backend.ref


@contextmanager
def world() -> Iterator[World]:
    """The database is as it was afterwards."""
    keyring.forget()
    discovery.forget()
    allowed = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": True, "MAIL_DELIVERY": "inline"}
    with (
        undone(),
        running(OpenId(codes=Lasting())) as provider,
        override_settings(LINGAUTH=allowed),
        time_machine.travel(clock.now() + timedelta(seconds=1), tick=False),
    ):
        here = _made(provider)
        with connected():
            yield here
    keyring.forget()
    discovery.forget()
    mail.outbox.clear()


def _made(provider: OpenId) -> World:
    here = World(_backend("acme"), _backend("rival"), provider)
    for name, values in (
        ("corp", {"issuer": provider.base, "client_id": CLIENT_ID, "secret": SECRET}),
        ("github", {"client_id": "Iv1.8a61f9b3a7aba766", "secret": token_hex(20)}),
    ):
        by = Actor.system("fuzz")
        providers.save(backend=here.made.backend, name=name, changes=values, actor=by)
    for name in ("aal1", "half", "pending", "aal2", "bare", "mailed"):
        here.people[name] = _somebody(here.made, name)
    here.people["stranger"] = _somebody(here.rival, "stranger")
    for name in ("aal2", "bare", "half", "stranger"):
        _reach_aal2(here.people[name], with_codes=name != "bare")
    _second_factor(here.people["aal2"])
    for name in ("half", "aal1"):
        _sign_in_again(here.people[name])
    _challenged(here.people["half"])
    pending = here.people["pending"]
    pending.factor = pending.app.enroll("Phone")["id"]
    _challenged(pending)
    _mailed(here, here.people["mailed"])
    _mailed(here, here.people["stranger"])
    _begin_flows(here)
    here.notes = [_note(here.people[name], name) for name in ("aal1", "aal2", "half")]
    _callers(here)
    mail.outbox.clear()
    return here


def _backend(ref: str) -> NewBackend:
    by = Actor.system("fuzz")
    made = backends.create_backend(ref=ref, name=ref.title(), auto_confirm=True, actor=by)
    Backend.objects.filter(pk=made.backend.pk).update(**OPEN)
    made.backend.refresh_from_db()
    return made


def _somebody(made: NewBackend, name: str) -> Somebody:
    somebody = Somebody(App(made.backend.ref, made.anon_key), f"canary {name} {token_hex(8)}")
    somebody.app.sign_up(f"{name}@{made.backend.ref}.example.com", somebody.password)
    return somebody


def _reach_aal2(somebody: Somebody, *, with_codes: bool) -> None:
    """With the code of half a minute ago, so that the one of now can still be used."""
    somebody.factor = somebody.app.reach_aal2(clock.now().timestamp() - 30)["id"]
    if with_codes:
        answer = somebody.app.auth("POST", "factors/recovery-codes")
        somebody.codes = answer.json()["codes"]


def _second_factor(somebody: Somebody) -> None:
    first = somebody.app.secret
    made = somebody.app.enroll("Second")
    code = code_for(somebody.app.secret, clock.now().timestamp() - 30)
    somebody.app.keep(somebody.app.challenge_and_verify(made["id"], code))
    somebody.app.secret = first


def _sign_in_again(somebody: Somebody) -> None:
    """The session before becomes one of another device."""
    open_now = somebody.app.auth("GET", "sessions").json()["sessions"]
    somebody.session = open_now[0]["id"]
    somebody.app.sign_in(somebody.password)


def _challenged(somebody: Somebody) -> None:
    answer = somebody.app.auth("POST", f"factors/{somebody.factor}/challenge", {})
    somebody.challenge = answer.json()["id"]


def _mailed(here: World, somebody: Somebody) -> None:
    """One code and one link for each purpose that this person can have at once."""
    app = somebody.app
    for purpose, method, path in (
        ("recovery", "POST", "recover"),
        ("magiclink", "POST", "otp"),
        ("reauthentication", "GET", "reauthenticate"),
    ):
        body = {"email": app.email, **CHALLENGE} if method == "POST" else None
        answer = app.auth(method, path, body, anonymous=method == "POST")
        assert answer.status_code == 200, answer.content
        letter = newest(app.email)
        link = letter.token if "/verify?" in letter.body else ""
        somebody.mailed[purpose] = (letter.code, link)


def _begin_flows(here: World) -> None:
    """A flow by mail with its code, one on its way through the provider, two tickets."""
    app, http = here.people["aal1"].app, Client()
    here.flow["auth_code"] = _code_of_a_flow(here, app)
    sent = {"provider": "corp", "redirect_to": APP, **CHALLENGE}
    left = http.get(f"/b/{app.ref}/auth/v1/authorize", sent)
    here.flow |= here.provider.consent(left["Location"])
    here.flow["cookie"] = left.cookies[f"lingauth-flow-{app.ref}"].value
    here.flow["nonce"] = parse_qs(urlsplit(left["Location"]).query)["nonce"][0]
    person = here.people["aal2"].app
    link = person.auth("GET", f"user/identities/authorize?provider=corp&redirect_to={APP}")
    step = here.people["half"].app.auth("POST", "mfa/step-up", {"redirect_to": APP, **CHALLENGE})
    for name, answer in (("link_ticket", link), ("step_ticket", step)):
        here.flow[name] = parse_qs(urlsplit(answer.json()["url"]).query)["ticket"][0]
    account = here.people["aal2"].id
    row = Identity.objects.get(account__uuid=account, provider="email")
    more = Identity(backend_id=row.backend_id, account_id=row.account_id, subject="4711")
    more.provider = "github"
    more.save()
    here.flow["identity_id"] = str(more.uuid)


def _code_of_a_flow(here: World, app: App) -> str:
    backend = Backend.objects.filter(pk=here.made.backend.pk)
    backend.update(one_step_links=True)
    app.auth("POST", "otp", {"email": app.email, **CHALLENGE}, anonymous=True)
    back = Client().get(f"/b/{app.ref}/auth/v1/verify?{urlsplit(newest(app.email).link).query}")
    backend.update(one_step_links=False)
    return parse_qs(urlsplit(back["Location"]).query)["code"][0]


def _note(somebody: Somebody, title: str) -> int:
    answer = somebody.app.data(
        "POST", "notes", {"title": title}, headers={"Prefer": "return=representation"}
    )
    assert answer.status_code == 201, answer.content
    return int(answer.json()[0]["id"])


def _callers(here: World) -> None:
    key = {"apikey": here.made.anon_key}
    service = {"apikey": here.made.service_key}
    here.headers = {"nobody": {}, "app": key}
    for name, somebody in here.people.items():
        here.headers[name] = somebody.headers(here.made.anon_key)
    here.headers["server"] = service | {"Authorization": f"Bearer {here.made.service_key}"}


__all__ = ["CHALLENGE", "MOODS", "VERIFIER", "Secrets", "Somebody", "World", "world"]
