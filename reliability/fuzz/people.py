"""People of a backend, in every state that somebody can be in."""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_hex

from lingauth.core import clock
from lingauth.services.backends import NewBackend
from tests.lingauth.api.people import app_of
from tests.lingauth.api.social.people import CHALLENGE
from tests.support.app import App
from tests.support.mailbox import newest
from tests.support.totp import code_for


@dataclass
class Somebody:
    """A person of a backend. ``mailed`` are the newest codes and links by purpose, ``held`` what
    else is secret: a second seed, the tokens of another device."""

    app: App
    password: str
    factor: str = ""
    challenge: str = ""
    session: str = ""
    codes: list[str] = field(default_factory=list)
    mailed: dict[str, tuple[str, str]] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.app.session["user"]["id"])

    def headers(self, key: str) -> dict[str, str]:
        return {"apikey": key, "Authorization": f"Bearer {self.app.session['access_token']}"}

    def code(self, steps: int = 0) -> str:
        return code_for(self.app.secret, clock.now().timestamp() + 30 * steps)


def signed_up(made: NewBackend, name: str) -> Somebody:
    somebody = Somebody(app_of(made), f"canary {name} {token_hex(8)}")
    somebody.app.sign_up(f"{name}@{made.backend.ref}.example.com", somebody.password)
    return somebody


def reach_aal2(somebody: Somebody, *, with_codes: bool) -> None:
    """With the code of half a minute ago, so that the one of now can still be used."""
    somebody.factor = somebody.app.reach_aal2(clock.now().timestamp() - 30)["id"]
    if with_codes:
        answer = somebody.app.auth("POST", "factors/recovery-codes")
        somebody.codes = answer.json()["codes"]


def second_factor(somebody: Somebody) -> None:
    first = somebody.app.secret
    made = somebody.app.enroll("Second")
    code = code_for(somebody.app.secret, clock.now().timestamp() - 30)
    somebody.app.keep(somebody.app.challenge_and_verify(made["id"], code))
    somebody.held.append(somebody.app.secret)
    somebody.app.secret = first


def sign_in_again(somebody: Somebody) -> None:
    """The session before becomes one of another device."""
    open_now = somebody.app.auth("GET", "sessions").json()["sessions"]
    somebody.session = open_now[0]["id"]
    before = somebody.app.session
    somebody.held += [before["access_token"], before["refresh_token"]]
    somebody.app.sign_in(somebody.password)


def challenged(somebody: Somebody) -> None:
    answer = somebody.app.auth("POST", f"factors/{somebody.factor}/challenge", {})
    somebody.challenge = answer.json()["id"]


def mailed(somebody: Somebody) -> None:
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


def note(somebody: Somebody, title: str) -> int:
    answer = somebody.app.data(
        "POST", "notes", {"title": title}, headers={"Prefer": "return=representation"}
    )
    assert answer.status_code == 201, answer.content
    return int(answer.json()[0]["id"])
