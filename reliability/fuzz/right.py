"""Calls that are right: for each operation some that are known to succeed in this world. What of a
made-up call they name is set to what they say; the rest of it stays made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from reliability.fuzz.world import World
from tests.lingauth.api.social.people import APP, CHALLENGE, VERIFIER
from tests.support.hashes import BCRYPT

NEW_PASSWORD = "a canary that was never heard"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Right:
    """Who calls, and what has to be in the call; ``raw`` is a whole body. ``mood`` is the one of
    ``world.MOODS`` that the backend is in."""

    caller: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    mood: str = "open"


def calls(here: World) -> dict[str, list[Right]]:
    """By operation. What is not named needs nothing but its caller."""
    return _signing_in(here) | _mail(here) | _account(here) | _factors(here) | _rest(here)


def _signing_in(here: World) -> dict[str, list[Right]]:
    aal1, mailed, flow = here.people["aal1"], here.people["mailed"], here.flow
    new = {"email": "new@example.com", "password": NEW_PASSWORD}
    id_token = here.provider.id_token()
    cookie = {"Cookie": f"lingauth-flow-{here.ref}={flow['cookie']}"}
    back = {"state": flow["state"], "code": flow["code"]}
    provider = {"provider": "corp", "redirect_to": APP}

    def token(grant: str, body: dict[str, str]) -> Right:
        return Right("app", query={"grant_type": grant}, body=body)

    return {
        "signUp": [
            Right("app", body=new | {"data": {"name": "Ada"}}),
            Right("app", body=new, mood="careful"),
            Right("app", body={}),
        ],
        "getToken": [
            token("password", {"email": aal1.app.email, "password": aal1.password}),
            token("refresh_token", {"refresh_token": mailed.app.session["refresh_token"]}),
            token("pkce", {"auth_code": flow["auth_code"], "code_verifier": VERIFIER}),
            token("id_token", {"provider": "corp", "id_token": id_token}),
        ],
        "authorize": [
            Right("nobody", query=provider),
            Right("nobody", query=provider | CHALLENGE | {"login_hint": "ada@example.com"}),
            Right("nobody", query={"provider": "github"}),
            Right("nobody", query={"provider": "github", "ticket": flow["link_ticket"]}),
        ],
        "callback": [
            Right("nobody", query=back, headers=cookie),
            Right("nobody", query={"state": flow["state"], "error": "access_denied"}),
        ],
        "callbackForm": [Right("nobody", raw=urlencode(back), headers=FORM)],
        "linkIdentity": [Right("aal2", query=provider), Right("aal2", query=provider | CHALLENGE)],
        "unlinkIdentity": [Right("aal2", path={"identity_id": flow["identity_id"]})],
    }


def _mail(here: World) -> dict[str, list[Right]]:
    mailed, aal1 = here.people["mailed"], here.people["aal1"]
    ask = [
        Right("app", body={"email": aal1.app.email}),
        Right("app", body={"email": aal1.app.email, **CHALLENGE}, query={"redirect_to": APP}),
        Right("app", body={"email": "nobody@example.com"}),
    ]
    codes, links = {}, {}
    for purpose in ("recovery", "magiclink"):
        code, link = mailed.mailed[purpose]
        email = {"email": mailed.app.email}
        codes[purpose] = Right("app", body={"type": purpose, "token": code, **email})
        links[purpose] = Right("app", body={"type": purpose, "token_hash": link})
    opened = {"token": mailed.mailed["recovery"][1], "type": "recovery"}
    return {
        "sendCode": ask,
        "sendMagicLink": ask,
        "recover": ask,
        "resend": [Right("app", body={"email": aal1.app.email, "type": "signup"})],
        "openLink": [
            Right("nobody", query=opened),
            Right("nobody", query=opened | {"redirect_to": APP}, mood="careful"),
        ],
        "verifyMail": [*codes.values(), *links.values()],
        "reauthenticate": [Right("aal1"), Right("mailed")],
    }


def _account(here: World) -> dict[str, list[Right]]:
    aal1, mailed = here.people["aal1"], here.people["mailed"]
    new = {"password": NEW_PASSWORD}
    nonce = mailed.mailed["reauthentication"][0]
    return {
        "getUser": [Right("aal1"), Right("aal2"), Right("pending")],
        "updateUser": [
            Right("aal1", body={"data": {"name": "Ada"}}),
            Right("aal1", body=new | {"current_password": aal1.password}),
            Right("mailed", body=new | {"nonce": nonce}),
            Right("aal2", body=new),
            Right("aal1", body={"email": "moved@example.com", **CHALLENGE}),
            Right("aal1", body={"email": "moved@example.com"}, mood="careful"),
        ],
        "signOut": [Right("aal1"), Right("aal2"), Right("half", query={"scope": "others"})],
        "listSessions": [Right("aal1"), Right("half")],
        "endSession": [Right("aal1", path={"session_id": aal1.session})],
    }


def _factors(here: World) -> dict[str, list[Right]]:
    half, pending, aal2 = here.people["half"], here.people["pending"], here.people["aal2"]
    totp = {"factor_type": "totp", "friendly_name": "Tablet"}
    code = {"code": half.code()}

    def verify(caller: str) -> Right:
        somebody = here.people[caller]
        body = {"challenge_id": somebody.challenge, "code": somebody.code()}
        return Right(caller, path={"factor_id": somebody.factor}, body=body)

    return {
        "enrollFactor": [Right("aal1", body=totp), Right("aal2", body=totp)],
        "unenrollFactor": [
            Right("aal2", path={"factor_id": aal2.factor}),
            Right("bare", path={"factor_id": here.people["bare"].factor}),
            Right("pending", path={"factor_id": pending.factor}),
        ],
        "challengeFactor": [
            Right("half", path={"factor_id": half.factor}),
            Right("pending", path={"factor_id": pending.factor}),
        ],
        "verifyFactor": [verify("half"), verify("pending")],
        "verifyMfa": [
            Right("half", body=code),
            Right("half", body=code | {"factor_id": half.factor}),
            Right("pending", body={"code": pending.code()}),
        ],
        "beginStepUp": [Right("half", body={"redirect_to": APP, **CHALLENGE})],
        "recoveryStatus": [Right("aal2"), Right("half")],
        "generateRecoveryCodes": [Right("bare")],
        "deleteRecoveryCodes": [Right("aal2")],
        "regenerateRecoveryCodes": [Right("aal2")],
        "verifyRecoveryCode": [Right("half", body={"code": half.codes[0]})],
    }


def _rest(here: World) -> dict[str, list[Right]]:
    """What servers do, and the data."""
    aal1, aal2 = here.people["aal1"], here.people["aal2"]
    user, factor = {"user_id": aal1.id}, {"user_id": aal2.id, "factor_id": aal2.factor}
    new = {"email": "new@example.com"}
    own = {"id": f"eq.{here.notes[0]}"}
    softly = '{"should_soft_delete":true}'
    wishes = {"Prefer": "return=representation"}
    title = {"title": "A title"}
    moved = {"type": "email_change_new", "email": aal1.app.email, "new_email": "moved@example.com"}

    def server(**given: Any) -> Right:
        return Right("server", **given)

    return {
        "adminListUsers": [server(), server(query={"page": "1", "per_page": "2"})],
        "adminCreateUser": [
            server(body=new | {"password": NEW_PASSWORD, "email_confirm": True}),
            server(body=new | {"password_hash": BCRYPT.hash, "user_metadata": {"name": "Ada"}}),
        ],
        "adminGetUser": [server(path=user)],
        "adminUpdateUser": [
            server(path=user, body={"password": NEW_PASSWORD}),
            server(path=user, body={"ban_duration": "24h", "app_metadata": {"plan": "pro"}}),
            server(path=user, body={"password_hash": BCRYPT.hash}),
        ],
        "adminDeleteUser": [
            server(path=user),
            server(path=user, raw=softly, headers=JSON),
        ],
        "adminListFactors": [server(path={"user_id": aal2.id})],
        "adminUpdateFactor": [server(path=factor, body={"friendly_name": "Old phone"})],
        "adminDeleteFactor": [server(path=factor)],
        "adminGenerateLink": [
            server(body={"type": "magiclink", "email": aal1.app.email}),
            server(body=new | {"type": "signup", "password": NEW_PASSWORD}),
            server(body=new | {"type": "invite"}),
            server(body=moved),
        ],
        "adminInvite": [server(body=new)],
        "list_notes": [Right("app"), Right("aal2"), Right("aal1", query={"select": "id,title"})],
        "insert_notes": [Right("aal1", body=title, headers=wishes), Right("aal1", body=title)],
        "update_notes": [
            Right("aal1", query=own, body=title),
            Right("aal1", query=own, body=title, headers=wishes),
        ],
        "replace_notes": [
            Right("aal1", query=own, body=title | {"id": here.notes[0]}, headers=wishes)
        ],
        "delete_notes": [Right("aal1", query=own), Right("aal1", query=own, headers=wishes)],
    }
