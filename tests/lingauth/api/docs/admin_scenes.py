"""The scenes about a backend's own server. Each meets an empty backend."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from lingauth.core.errors import Conflict
from lingauth.services.admin import deleting
from tests.lingauth.api.docs.stage import EMAIL, Stage
from tests.support.app import PASSWORD

USERS = "auth/v1/admin/users"
LINK = "auth/v1/admin/generate_link"
INVITE = "auth/v1/invite"
UNKNOWN = "7d0ad6a3-8a0f-4f5c-9b44-3f1f2c2d0b11"


def show(stage: Stage, operation: str, name: str, method: str, path: str, body: Any = None) -> Any:
    """A call of the server, with the service key as bearer."""
    return stage.show(operation, name, method, path, body, token=stage.made.service_key)


def servers_and_others(stage: Stage) -> None:
    """What opens these calls."""
    stage.show("adminListUsers", "no_authorization", "GET", USERS, headers={"apikey": ""})
    stage.show("adminListUsers", "not_admin", "GET", USERS)
    stage.show("adminListUsers", "bad_jwt", "GET", USERS, token="lk_service_wrong")
    headers = {"apikey": stage.made.service_key, "origin": "https://app.example.com"}
    stage.show("adminListUsers", "service_key_in_browser", "GET", USERS, headers=headers)


def making_accounts(stage: Stage) -> None:
    body = {
        "email": EMAIL,
        "password": PASSWORD,
        "email_confirm": True,
        "user_metadata": {"name": "Ada"},
        "app_metadata": {"plan": "pro"},
    }
    made = show(stage, "adminCreateUser", "An account that can sign in", "POST", USERS, body)
    show(stage, "adminCreateUser", "email_exists", "POST", USERS, body)
    phone = {"phone": "+441632960000"}
    show(stage, "adminCreateUser", "phone_provider_disabled", "POST", USERS, phone)
    route = f"{USERS}/{made.json()['id']}"
    show(stage, "adminGetUser", "One account", "GET", route)
    show(stage, "adminListUsers", "One page", "GET", f"{USERS}?page=1&per_page=50")
    show(stage, "adminListUsers", "validation_failed", "GET", f"{USERS}?page=-1")
    show(stage, "adminUpdateUser", "A ban", "PUT", route, {"ban_duration": "24h"})
    change = {"ban_duration": "none", "app_metadata": {"plan": None}}
    show(stage, "adminUpdateUser", "The end of a ban", "PUT", route, change)
    show(stage, "adminUpdateUser", "user_not_found", "PUT", f"{USERS}/{UNKNOWN}", change)
    show(stage, "adminGetUser", "validation_failed", "GET", f"{USERS}/ada")
    with patch.object(deleting, "delete", side_effect=Conflict(deleting.KEPT)):
        show(stage, "adminDeleteUser", "conflict", "DELETE", route)
    soft = {"should_soft_delete": True}
    done = stage.app.call("DELETE", route, soft, token=stage.made.service_key)
    stage.keep("adminDeleteUser", "Softly", None, done)  # OpenAPI shows no body with a DELETE
    show(stage, "adminGetUser", "One that was softly deleted", "GET", route)


def helping_somebody_out(stage: Stage) -> None:
    stage.arrive(level=2)
    stage.app.auth("POST", "factors/recovery-codes")
    route = f"{USERS}/{stage.app.session['user']['id']}/factors"
    listed = show(stage, "adminListFactors", "Two factors", "GET", route).json()
    factor = f"{route}/{listed[0]['id']}"
    name = {"friendly_name": "Old phone"}
    show(stage, "adminUpdateFactor", "Another name", "PUT", factor, name)
    show(stage, "adminDeleteFactor", "The last authenticator", "DELETE", factor)
    show(stage, "adminDeleteFactor", "mfa_factor_not_found", "DELETE", factor)


def mailing_from_elsewhere(stage: Stage) -> None:
    body = {"type": "magiclink", "email": EMAIL}
    show(stage, "adminGenerateLink", "For a new account", "POST", LINK, body)
    body = {"type": "recovery", "email": "nobody@example.com"}
    show(stage, "adminGenerateLink", "user_not_found", "POST", LINK, body)
    guest = {"email": "grace@example.com", "data": {"name": "Grace"}}
    show(stage, "adminInvite", "A mail is on its way", "POST", INVITE, guest)
    stage.app.sign_up("alan@example.com")
    body = {"email": "alan@example.com"}
    show(stage, "adminInvite", "email_exists", "POST", INVITE, body)


SCENES = (servers_and_others, making_accounts, helping_somebody_out, mailing_from_elsewhere)
