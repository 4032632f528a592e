"""The scenes whose exchanges are the description's examples. Each meets an empty backend."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from django.db import OperationalError

from lingauth.models import Account
from lingauth.services import access
from tests.lingauth.api.docs import admin_scenes, mail_scenes, social_scenes
from tests.lingauth.api.docs.stage import EMAIL, Stage
from tests.support.app import PASSWORD

Scene = Callable[[Stage], None]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def signing_up(stage: Stage) -> None:
    body = {"email": EMAIL, "password": PASSWORD, "data": {"name": "Ada"}}
    weak = body | {"password": "short"}
    stage.show("signUp", "weak_password", "POST", "auth/v1/signup", weak, anonymous=True)
    stage.show("signUp", "A session at once", "POST", "auth/v1/signup", body, anonymous=True)
    stage.show("signUp", "user_already_exists", "POST", "auth/v1/signup", body, anonymous=True)


def signing_up_with_a_mail(stage: Stage) -> None:
    stage.change(auto_confirm=False)
    body = {"email": EMAIL, "password": PASSWORD}
    stage.show("signUp", "A mail is on its way", "POST", "auth/v1/signup", body, anonymous=True)


def signing_in(stage: Stage) -> None:
    stage.arrive()
    route = "auth/v1/token?grant_type=password"
    body = {"email": EMAIL, "password": PASSWORD}
    stage.show("getToken", "By password", "POST", route, body, anonymous=True)
    wrong = body | {"password": "wrong horse battery"}
    for _ in range(9):
        stage.app.call("POST", route, wrong, anonymous=True)
    stage.show("getToken", "invalid_credentials", "POST", route, wrong, anonymous=True)
    stage.show("getToken", "over_request_rate_limit", "POST", route, body, anonymous=True)


def refreshing(stage: Stage) -> None:
    stage.arrive()
    route = "auth/v1/token?grant_type=refresh_token"
    body = {"refresh_token": stage.app.session["refresh_token"]}
    stage.app.keep(stage.show("getToken", "By refresh token", "POST", route, body, anonymous=True))
    stage.app.keep(stage.app.refresh())
    stage.show("getToken", "refresh_token_already_used", "POST", route, body, anonymous=True)
    stage.show("getUser", "session_not_found", "GET", "auth/v1/user")


def being_somebody(stage: Stage) -> None:
    stage.show("getUser", "no_authorization", "GET", "auth/v1/user")
    stage.arrive()
    stage.app.enroll()
    stage.show("getUser", "With an unfinished set-up", "GET", "auth/v1/user")
    stage.app.keep(stage.app.auth("POST", "mfa/verify", {"code": stage.code()}))
    stage.app.auth("POST", "factors/recovery-codes")
    stage.show("getUser", "With two factors", "GET", "auth/v1/user")


def changing_oneself(stage: Stage) -> None:
    stage.arrive(level=2)
    name = {"data": {"name": "Ada Lovelace"}}
    stage.show("updateUser", "Metadata", "PUT", "auth/v1/user", name)
    body = {"password": "a better horse battery"}
    stage.show("updateUser", "A new password", "PUT", "auth/v1/user", body)
    stage.app.sign_in("a better horse battery")
    stage.show("updateUser", "insufficient_aal", "PUT", "auth/v1/user", body)


def sessions(stage: Stage) -> None:
    stage.arrive()
    other = stage.app.auth("GET", "sessions").json()["sessions"][0]["id"]
    body = {"email": EMAIL, "password": PASSWORD}
    route = "token?grant_type=password"
    agent = {"User-Agent": FIREFOX}
    stage.app.keep(stage.app.auth("POST", route, body, anonymous=True, headers=agent))
    stage.show("listSessions", "Two", "GET", "auth/v1/sessions")
    stage.show("endSession", "Another one", "DELETE", f"auth/v1/sessions/{other}")
    stage.show("endSession", "session_not_found", "DELETE", f"auth/v1/sessions/{other}")
    stage.show("signOut", "validation_failed", "POST", "auth/v1/logout?scope=all")
    stage.show("signOut", "Everywhere", "POST", "auth/v1/logout")


def setting_up(stage: Stage) -> None:
    stage.arrive()
    body = {"factor_type": "totp", "friendly_name": "Phone"}
    made = stage.show("enrollFactor", "A first factor", "POST", "auth/v1/factors", body).json()
    stage.app.secret = made["totp"]["secret"]
    route = f"auth/v1/factors/{made['id']}"
    challenge = stage.show("challengeFactor", "A challenge", "POST", f"{route}/challenge")
    answer = {"challenge_id": challenge.json()["id"], "code": "000000"}
    if stage.code() == "000000":
        answer["code"] = "000001"
    stage.show("verifyFactor", "mfa_verification_failed", "POST", f"{route}/verify", answer)
    answer["code"] = stage.code()
    stage.app.keep(stage.show("verifyFactor", "A right code", "POST", f"{route}/verify", answer))
    late = answer | {"challenge_id": made["id"]}
    stage.show("verifyFactor", "mfa_challenge_expired", "POST", f"{route}/verify", late)
    unknown = "auth/v1/factors/7d0ad6a3-8a0f-4f5c-9b44-3f1f2c2d0b11"
    stage.show("challengeFactor", "mfa_factor_not_found", "POST", f"{unknown}/challenge")
    stage.show("enrollFactor", "mfa_factor_name_conflict", "POST", "auth/v1/factors", body)
    stage.app.sign_in()
    stage.show("enrollFactor", "insufficient_aal", "POST", "auth/v1/factors", body)


def one_call(stage: Stage) -> None:
    stage.arrive()
    stage.app.enroll()
    body = {"code": stage.code()}
    stage.app.keep(stage.show("verifyMfa", "A right code", "POST", "auth/v1/mfa/verify", body))
    stage.show("verifyMfa", "A code that was used", "POST", "auth/v1/mfa/verify", body)


def stepping_up_elsewhere(stage: Stage) -> None:
    stage.change(redirect_urls=["https://app.example.com/**"])
    stage.arrive()
    body = {
        "redirect_to": "https://app.example.com/notes",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "s256",
    }
    route = "auth/v1/mfa/step-up"
    stage.show("beginStepUp", "The way there", "POST", route, body)
    elsewhere = body | {"redirect_to": "https://elsewhere.example/"}
    stage.show("beginStepUp", "validation_failed", "POST", route, elsewhere)


def removing(stage: Stage) -> None:
    stage.arrive(level=2)
    factor = stage.app.auth("GET", "user").json()["factors"][0]["id"]
    route = f"auth/v1/factors/{factor}"
    stage.app.auth("POST", "factors/recovery-codes")
    name = "mfa_recovery_codes_sole_factor"
    stage.show("unenrollFactor", name, "DELETE", route)
    stage.show("deleteRecoveryCodes", "Removed", "DELETE", "auth/v1/factors/recovery-codes")
    stage.show("unenrollFactor", "Removed", "DELETE", route)


def recovery_codes(stage: Stage) -> None:
    stage.arrive()
    route = "auth/v1/factors/recovery-codes"
    sole = "mfa_recovery_codes_sole_factor"
    stage.show("generateRecoveryCodes", sole, "POST", route)
    stage.app.reach_aal2()
    stage.show("recoveryStatus", "mfa_factor_not_found", "GET", route)
    stage.show("generateRecoveryCodes", "Ten codes", "POST", route)
    stage.show("generateRecoveryCodes", "mfa_verified_factor_exists", "POST", route)
    again = stage.show("regenerateRecoveryCodes", "Ten new codes", "POST", f"{route}/regenerate")
    stage.app.sign_in()
    stage.show("regenerateRecoveryCodes", "insufficient_aal", "POST", f"{route}/regenerate")
    stage.show("deleteRecoveryCodes", "insufficient_aal", "DELETE", route)
    code = {"code": again.json()["codes"][0]}
    stage.app.keep(stage.show("verifyRecoveryCode", "A code", "POST", f"{route}/verify", code))
    stage.show("verifyRecoveryCode", "mfa_verification_failed", "POST", f"{route}/verify", code)
    stage.show("recoveryStatus", "Nine are left", "GET", route)
    for _ in range(4):
        stage.app.call("POST", f"{route}/verify", code)
    stage.show("verifyRecoveryCode", "mfa_recovery_codes_locked", "POST", f"{route}/verify", code)


def about(stage: Stage) -> None:
    stage.show("health", "Well", "GET", "auth/v1/health")
    stage.show("settings", "As made", "GET", "auth/v1/settings")
    stage.show("jwks", "One key", "GET", "auth/v1/.well-known/jwks.json")
    route = "auth/v1/.well-known/openid-configuration"
    stage.show("openidConfiguration", "Always", "GET", route)


def credentials(stage: Stage) -> None:
    """The refusals that every call shares, on calls that have them."""
    route = "auth/v1/user"
    headers = {"apikey": "a,b"}
    stage.show("getUser", "bad_jwt", "GET", route, token="not-a-token")
    stage.show("getUser", "invalid_request", "GET", route, headers=headers)
    stage.show("getUser", "invalid_api_key", "GET", route, headers={"apikey": "lk_anon_wrong"})
    stage.arrive()
    Account.objects.update(banned_until=datetime(2026, 2, 1, tzinfo=UTC))
    stage.show("getUser", "user_banned", "GET", route)
    stage.app.ref = "nowhere"
    stage.show("getUser", "not_found", "GET", route)
    with patch.object(access, "read", side_effect=OperationalError):
        stage.show("getUser", "unavailable", "GET", route)


def bodies(stage: Stage) -> None:
    """The refusals that every call with a body shares."""
    route = "auth/v1/signup"
    stage.show("signUp", "validation_failed", "POST", route, {"email": 3}, anonymous=True)
    json = "application/json"
    stage.show_raw("signUp", "bad_json", route, "{", json)
    stage.show_raw("signUp", "request_entity_too_large", route, "x" * 70_000, json)
    stage.show_raw("signUp", "unsupported_media_type", route, "x", "text/plain")


def data(stage: Stage) -> None:
    stage.change(mfa_mode="required")
    stage.arrive()
    stage.show("data", "mfa_required: set up", "GET", "rest/v1/notes")
    stage.app.reach_aal2()
    stage.app.sign_in()
    stage.show("data", "mfa_required: enter a code", "GET", "rest/v1/notes")
    stage.show("data", "invalid_token", "GET", "rest/v1/notes", token="not-a-token")
    single = {"Accept": "application/vnd.pgrst.object+json"}
    late = {"Range": "90-99", "Prefer": "count=exact"}

    def show(name: str, method: str, path: str, body: Any = None, **headers: str) -> None:
        stage.show("data", name, method, path, body, anonymous=True, headers=headers)

    show("PGRST100", "GET", "rest/v1/notes?id=what.3")
    show("22P02", "GET", "rest/v1/notes?id=eq.three")
    show("PGRST116", "GET", "rest/v1/notes?id=eq.3", **single)
    show("PGRST103", "GET", "rest/v1/notes", **late)
    body = {"title": "A text"}
    service = stage.made.service_key
    show("42501", "POST", "rest/v1/notes", body)
    show("PGRST102", "POST", "rest/v1/notes", [1], apikey=service)
    show("23502", "POST", "rest/v1/notes", body, apikey=service)
    show("22001", "POST", "rest/v1/notes", {"title": "x" * 201}, apikey=service)
    show("PGRST105", "PUT", "rest/v1/notes", body, apikey=service)
    show("42703", "GET", "rest/v1/notes?colour=eq.red")
    show("PGRST204", "POST", "rest/v1/notes", {"colour": "red"}, apikey=service)
    stage.change(mfa_mode="optional")
    owned = body | {"owner": "7d0ad6a3-8a0f-4f5c-9b44-3f1f2c2d0b11"}
    stage.show("data", "42501: another's row", "POST", "rest/v1/notes", owned)


SCENES: tuple[Scene, ...] = (
    signing_up,
    signing_up_with_a_mail,
    signing_in,
    refreshing,
    being_somebody,
    changing_oneself,
    sessions,
    setting_up,
    one_call,
    stepping_up_elsewhere,
    removing,
    recovery_codes,
    about,
    credentials,
    bodies,
    data,
    *mail_scenes.SCENES,
    *social_scenes.SCENES,
    *admin_scenes.SCENES,
)
