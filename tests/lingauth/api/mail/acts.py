"""What apps and people do with mails."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lingauth.core import pkce
from lingauth.models import Backend
from tests.lingauth.api import contract
from tests.support.app import PASSWORD, App
from tests.support.mailbox import Letter, newest

SITE = "https://app.example.com"
VERIFIER = "a-verifier-of-43-characters-and-not-one-less"
ANN, BOB = "ann@example.com", "bob@example.com"


def setting(**changes: Any) -> None:
    """Change settings of all backends, without leaving a version."""
    Backend.objects.update(**changes)


def post(app: App, path: str, **body: Any) -> Any:
    return app.auth("POST", path, body, anonymous=True)


def ask(app: App, path: str, email: str = ANN, **body: Any) -> Letter:
    """Ask for a mail, which has to come; the newest to the address."""
    answer = post(app, path, email=email, **body)
    assert answer.status_code == 200, answer.content
    return newest(email)


def sign_up(app: App, email: str = ANN, password: str = PASSWORD, **body: Any) -> Letter:
    return ask(app, "signup", email, password=password, **body)


def by_code(app: App, type: str, letter: Letter, code: str | None = None) -> Any:
    return post(app, "verify", type=type, email=letter.to, token=code or letter.code)


def by_link(app: App, type: str, letter: Letter) -> Any:
    """An app that takes the link's token to the API itself."""
    return post(app, "verify", type=type, token_hash=letter.token)


def follow(app: App, letter: Letter, **headers: str) -> Any:
    """A browser that opens the link of a mail."""
    parts = urlsplit(letter.link)
    return app.http.get(f"{parts.path}?{parts.query}", headers=headers)


def spent(app: App, letter: Letter, type: str) -> None:
    """Neither the code nor the link of the mail works."""
    message = "Token has expired or is invalid"
    contract.refused(by_code(app, type, letter), 403, "otp_expired", message)
    message = "Email link is invalid or has expired"
    contract.refused(by_link(app, type, letter), 403, "otp_expired", message)


def challenge(verifier: str = VERIFIER, method: str = "s256") -> dict[str, str]:
    """The members of a body that begins a flow with PKCE."""
    value = verifier if method == "plain" else pkce.s256(verifier)
    return {"code_challenge": value, "code_challenge_method": method}


def returned(answer: Any) -> tuple[str, dict[str, str], dict[str, str]]:
    """Where a browser was sent: the address, its query and its fragment."""
    assert answer.status_code == 303, answer.content
    parts = urlsplit(answer["Location"])
    query, fragment = (
        dict(parse_qsl(text, keep_blank_values=True)) for text in (parts.query, parts.fragment)
    )
    return f"{parts.scheme}://{parts.netloc}{parts.path}", query, fragment


def flow_code(app: App, letter: Letter) -> str:
    """Follow the link of a flow with PKCE, at a backend with one-step links; the code it gives."""
    return returned(follow(app, letter))[1]["code"]


def trade(app: App, code: str, verifier: str = VERIFIER) -> Any:
    return post(app, "token?grant_type=pkce", auth_code=code, code_verifier=verifier)


def claims(session: dict[str, Any]) -> dict[str, Any]:
    """What the access token says."""
    middle = session["access_token"].split(".")[1]
    values: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=="))
    return values
