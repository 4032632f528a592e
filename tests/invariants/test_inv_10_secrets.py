"""INV-10: no secret in a log, an event, an error body, an address or, in clear, the database.

Long, because one run through the whole product is one story.
"""

from __future__ import annotations

import json
import logging
import re
from base64 import b32decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core import mail
from django.test import Client

from lingauth.core import clock as clocks
from lingauth.core.pkce import s256
from lingauth.models import Backend, Event
from lingauth.services import backends, operators, passwords
from lingauth.services.backends import NewBackend
from tests.console.support import Operator
from tests.invariants.actions import require_mfa
from tests.invariants.canary import Secrets, everything_stored
from tests.support.app import PASSWORD, App
from tests.support.mailbox import Letter, newest
from tests.support.people import ACTOR
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

KINDS = {
    "access token",
    "code",
    "cookie",
    "flow's code",
    "idempotency key",
    "link",
    "mailed code",
    "operator's password",
    "password",
    "recovery code",
    "refresh token",
    "seed",
    "seed in base32",
    "service key",
    "verifier",
}
VERIFIER = "a-canary-of-a-verifier-that-is-of-forty-three"
OLD, NEW, WRONG = PASSWORD, "canary battery staple", "a canary nobody uses"


class Watched(Client):
    """A client that keeps what must hold no secret: addresses, and the bodies of refusals."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.refusals: list[tuple[str, bytes]] = []

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        self.addresses += [response.headers.get("Location", "")]
        if response.status_code >= 400:
            self.refusals.append((str(request["PATH_INFO"]), response.content))
        return response


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All that any logger says, but for Django's record of its own SQL, off in production."""
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("django.db.backends").setLevel(logging.INFO)
        yield caplog
        logging.getLogger("django.db.backends").setLevel(logging.NOTSET)


def keep_tokens(secrets: Secrets, session: dict[str, Any]) -> None:
    secrets.add("access token", session["access_token"])
    secrets.add("refresh token", session["refresh_token"])


def keep_seed(secrets: Secrets, base32: str) -> None:
    secrets.add("seed in base32", base32)
    secrets.add("seed", b32decode(base32))


def the_whole_of_the_api(
    app: App, made: NewBackend, secrets: Secrets, clock: time_machine.Traveller
) -> None:
    """Every call that sends or answers a secret, rightly and wrongly."""

    def verify(code: str) -> Any:
        secrets.add("code", code)
        return app.auth("POST", "mfa/verify", {"code": code})

    secrets.add("service key", made.service_key)
    for password in (OLD, NEW, WRONG):
        secrets.add("password", password)
    app.sign_up("canary@example.com", OLD)
    keep_tokens(secrets, app.session)
    app.auth("POST", "signup", {"email": app.email, "password": NEW}, anonymous=True)
    bad = {"email": app.email, "password": WRONG}
    app.auth("POST", "token?grant_type=password", bad, anonymous=True)
    app.auth("POST", "token?grant_type=password", {"email": WRONG, "password": OLD})
    factor = app.enroll("Phone")
    keep_seed(secrets, app.secret)
    secrets.add("code", code_for(app.secret))
    near = {code_for(app.secret, clocks.now().timestamp() + 30 * step) for step in range(-12, 9)}
    guessed = next(text for text in ("918273", "827364") if text not in near)
    secrets.add("code", guessed)  # a wrong one is close to a right one, or meant for elsewhere
    app.challenge_and_verify(factor["id"], guessed)
    app.keep(app.challenge_and_verify(factor["id"], code_for(app.secret)))
    keep_tokens(secrets, app.session)
    assert verify(code_for(app.secret)).status_code == 422  # used
    codes = app.auth("POST", "factors/recovery-codes").json()["codes"]
    codes += app.auth("POST", "factors/recovery-codes/regenerate").json()["codes"]
    for code in codes:
        secrets.add("recovery code", code)
        secrets.add("recovery code", code.upper())
        secrets.add("recovery code", "-".join(code[n : n + 4] for n in range(0, 16, 4)))
    update = {"password": NEW, "current_password": WRONG}
    assert app.auth("PUT", "user", update).status_code == 400
    assert app.auth("PUT", "user", update | {"current_password": OLD}).status_code == 200
    app.keep(app.refresh(key="a canary of a key"))
    secrets.add("idempotency key", "a canary of a key")
    keep_tokens(secrets, app.session)
    clock.shift(30)
    app.sign_in(NEW)
    keep_tokens(secrets, app.session)
    app.keep(verify(code_for(app.secret)))
    keep_tokens(secrets, app.session)
    app.sign_in(NEW)
    for code in (codes[-1], codes[-1], codes[0]):
        app.auth("POST", "factors/recovery-codes/verify", {"code": code})
    require_mfa(made.backend)
    app.sign_in(NEW)
    app.data()
    replayed = app.session["refresh_token"]
    app.keep(app.refresh())
    keep_tokens(secrets, app.session)
    app.refresh(replayed)
    app.data()
    service = {"apikey": made.service_key, "origin": "https://evil.example"}
    app.call("GET", "rest/v1/notes", anonymous=True, headers=service)
    app.call("GET", f"rest/v1/notes?access_token={app.session['access_token']}")
    app.call("POST", "auth/v1/factors", {"factor_type": OLD, "friendly_name": "x" * 99})


def the_whole_of_the_mail(
    app: App, made: NewBackend, secrets: Secrets, clock: time_machine.Traveller
) -> None:
    """Every call that mails or is sent what was mailed, rightly and wrongly."""
    Backend.objects.filter(pk=made.backend.pk).update(
        auto_confirm=False, mail_cooldown=0, mails_per_hour=100, mfa_mode="optional"
    )
    email = "mailed@example.com"
    flow = {"code_challenge": s256(VERIFIER), "code_challenge_method": "s256"}
    secrets.add("verifier", VERIFIER)

    def ask(method: str, path: str, body: dict[str, Any] | None = None, to: str = email) -> Letter:
        answer = app.auth(method, path, body, anonymous=method == "POST")
        assert answer.status_code == 200, answer.content
        letter = newest(to)
        secrets.add("mailed code", letter.code)
        if "/verify?" in letter.body:
            secrets.add("link", letter.token)
        return letter

    def verify(type: str, letter: Letter, *, right: bool = True) -> Any:
        body = {"type": type, "email": letter.to, "token": letter.code if right else "135791"}
        return app.auth("POST", "verify", body, anonymous=True)

    letter = ask("POST", "signup", {"email": email, "password": OLD})
    assert verify("signup", letter, right=False).status_code == 403
    app.keep(verify("signup", letter))
    keep_tokens(secrets, app.session)
    assert verify("signup", letter).status_code == 403
    letter = ask("POST", "recover", {"email": email, **flow})
    by_link = {"type": "recovery", "token_hash": letter.token}
    app.auth("POST", "verify", by_link | {"type": "magiclink"}, anonymous=True)
    app.keep(app.auth("POST", "verify", by_link, anonymous=True))
    keep_tokens(secrets, app.session)
    app.auth("POST", "verify", by_link, anonymous=True)
    Backend.objects.filter(pk=made.backend.pk).update(one_step_links=True)
    letter = ask("POST", "otp", {"email": email, **flow})
    url = f"/b/{app.ref}/auth/v1/verify?{urlsplit(letter.link).query}"
    code = parse_qs(urlsplit(Client().get(url)["Location"]).query)["code"][0]
    secrets.add("flow's code", code)
    for verifier in (WRONG, VERIFIER, VERIFIER):
        body = {"auth_code": code, "code_verifier": verifier}
        app.auth("POST", "token?grant_type=pkce", body, anonymous=True)
    nonce = ask("GET", "reauthenticate").code
    for text in ("135791", nonce, nonce):
        app.auth("PUT", "user", {"password": NEW, "nonce": text})
    assert app.auth("PUT", "user", {"email": "moved@example.com"}).status_code == 200
    for to in (email, "moved@example.com"):
        letter = newest(to)
        secrets.add("mailed code", letter.code)
        secrets.add("link", letter.token)
        assert verify("email_change", letter).status_code == 200
        assert verify("email_change", letter).status_code == 403
    Backend.objects.filter(pk=made.backend.pk).update(one_step_links=False)


def the_whole_of_the_pages(
    watched: Watched, secrets: Secrets, clock: time_machine.Traveller
) -> None:
    """Sign-up by a confirmed address, set-up, codes on show: over cookies."""
    made = backends.create_backend(ref="pages", name="Pages", actor=ACTOR)
    secrets.add("service key", made.service_key)
    form = {"email": "pages@example.com", "password": OLD}
    assert watched.post("/b/pages/sign-up", form).status_code == 303
    text = str(mail.outbox[-1].body)
    code = re.search(r"code: (\d{6})", text)
    link = next(word for word in text.split() if "/verify?" in word)
    assert code
    secrets.add("mailed code", code[1])
    secrets.add("link", token := parse_qs(urlsplit(link).query)["token"][0])
    # From here on: the step before is the mail's own address, which leads to this one.
    watched.get("/b/pages/link", {"token": token, "type": "signup"}, follow=True)
    secrets.add("cookie", watched.cookies["lingauth-link-pages"].value)
    secrets.add("cookie", watched.cookies["lingauth-mail-pages"].value)
    assert watched.post("/b/pages/link", {"token": token}).status_code == 303
    secrets.add("cookie", watched.cookies["lingauth-pages"].value)
    assert watched.post("/b/pages/link", {"token": token}).status_code == 403
    watched.post("/b/pages/code", {"code": code[1]})
    watched.post("/b/pages/sign-in", form | {"password": WRONG})
    assert watched.post("/b/pages/sign-in", form).status_code == 303
    secrets.add("cookie", watched.cookies["lingauth-pages"].value)
    page = watched.get("/b/pages/mfa/setup")
    seed = next(
        parse_qs(urlsplit(part).query)["secret"][0]
        for part in page.content.decode().replace("&amp;", "&").split('"')
        if part.startswith("otpauth://")
    )
    keep_seed(secrets, seed)
    secrets.add("code", code_for(seed))
    watched.post("/b/pages/mfa/setup", {"code": "000000"})
    assert watched.post("/b/pages/mfa/setup", {"code": code_for(seed)}).status_code == 303
    secrets.add("cookie", watched.cookies["lingauth-pages"].value)
    if "lingauth-codes-pages" in watched.cookies:
        secrets.add("cookie", watched.cookies["lingauth-codes-pages"].value)


def the_whole_of_the_console(
    watched: Watched, made: NewBackend, secrets: Secrets, clock: time_machine.Traveller
) -> None:
    """An operator's password, seed and codes."""
    password = operators.create(email="op@example.com", backend=made.backend, role="owner").password
    assert password is not None
    secrets.add("operator's password", password)
    operator = Operator("op@example.com", WRONG)
    operator.give_password()
    operator.password = password
    operator.sign_in()
    keep_seed(secrets, operator.key)
    secrets.add("code", code_for(operator.key, operator.last_step * 30))
    clock.shift(60)
    secrets.add("code", code := operator.code())
    operator.post("/backends/verify", {"code": code})
    operator.post("/backends/verify", {"code": code})


def test_a_canary_is_found_nowhere(
    made: NewBackend,
    clock: time_machine.Traveller,
    secrets: Secrets,
    watched: Watched,
    logs: pytest.LogCaptureFixture,
) -> None:
    app = App(made.backend.ref, made.anon_key, http=watched)
    the_whole_of_the_api(app, made, secrets, clock)
    the_whole_of_the_mail(app, made, secrets, clock)
    the_whole_of_the_pages(watched, secrets, clock)
    the_whole_of_the_console(watched, made, secrets, clock)

    assert {name for name, _ in secrets.kept} == KINDS
    stored = {
        place: names for place, value in everything_stored() if (names := secrets.found_in(value))
    }
    assert stored == {}
    for event in Event.objects.all():
        assert secrets.found_in(json.dumps(event.data)) == set()
    assert secrets.found_in(logs.text) == set()
    for record in logs.records:
        assert secrets.found_in(repr(record.__dict__.get("args"))) == set()
    sent = [str(message.message()) + message.body for message in mail.outbox]
    for message in sent:
        # The mails that are made to carry secrets carry these alone.
        assert secrets.found_in(message) <= {"link", "mailed code"}
        assert ("link" in secrets.found_in(message)) == ("/verify?" in message)
    assert watched.refusals
    for path, body in watched.refusals:
        # The page of a set-up under way shows its key until it is finished, after a wrong code too.
        # What somebody typed into the field of a code stays there.
        own = {"/b/pages/mfa/setup": "seed in base32", "/b/pages/code": "mailed code"}
        assert secrets.found_in(body) <= {own.get(path, "")}, path
    for address in watched.addresses:
        assert secrets.found_in(address) == set()


def test_the_canary_would_be_seen(secrets: Secrets, made: NewBackend) -> None:
    """The search itself works: what is kept readable on purpose is found where it is."""
    secrets.add("anon key", made.anon_key)
    secrets.add("code", "123456")
    places = {place for place, value in everything_stored() if secrets.found_in(value)}
    assert places == {"lingauth_apikey.value"}
    assert secrets.found_in("your code is 123456.") == {"code"}
    assert secrets.found_in("0.1234567") == set()


def test_a_failure_of_ours_tells_nothing(
    made: NewBackend, monkeypatch: pytest.MonkeyPatch, logs: pytest.LogCaptureFixture
) -> None:
    """A bug under a request with secrets: not in the answer, not in the log."""

    def broken(user: Any, password: str, **options: Any) -> bool:
        raise ZeroDivisionError

    secrets = Secrets()
    secrets.add("password", OLD)
    monkeypatch.setattr(passwords, "matches", broken)
    app = App(made.backend.ref, made.anon_key)
    body = {"email": "a@example.com", "password": OLD}
    answer = app.auth("POST", "token?grant_type=password", body)
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected_failure")
    assert secrets.found_in(answer.content) == set()
    assert "ZeroDivisionError" in logs.text
    assert secrets.found_in(logs.text) == set()


def test_a_factor_shows_its_seed_once(app: App) -> None:
    app.sign_up()
    made = app.enroll()
    secrets = Secrets()
    keep_seed(secrets, made["totp"]["secret"])
    for method, path in (("GET", "user"), ("POST", f"factors/{made['id']}/challenge")):
        assert secrets.found_in(app.auth(method, path).content) == set()
    app.keep(app.challenge_and_verify(made["id"], code_for(app.secret)))
    assert secrets.found_in(json.dumps(app.session)) == set()


def test_what_is_on_show_is_not_kept_by_a_cache(app: App) -> None:
    app.sign_up()
    app.reach_aal2()
    for path in ("factors/recovery-codes", "factors/recovery-codes/regenerate"):
        assert app.auth("POST", path)["Cache-Control"] == "no-store"
    answer = app.auth("POST", "factors", {"factor_type": "totp", "friendly_name": "b"})
    assert answer["Cache-Control"] == "no-store"
