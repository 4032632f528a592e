"""The scenes about mailed codes and links. Each meets an empty backend."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from django.core import mail

from lingauth.core import clock
from lingauth.core.pkce import new_verifier, s256
from lingauth.models import Account, Flow
from tests.lingauth.api.docs.stage import EMAIL, Stage
from tests.support.app import PASSWORD

NEW = "ada@example.org"
OTP = "auth/v1/otp"
VERIFY = "auth/v1/verify"


def code(to: str = EMAIL) -> str:
    """The code of the newest mail to an address."""
    return str(re.findall(r"\b\d{6}\b", _newest(to))[-1])


def link(to: str = EMAIL) -> dict[str, str]:
    """What the link of the newest mail to an address carries."""
    [url] = re.findall(r"\S+/auth/v1/verify\?\S+", _newest(to))
    return {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}


def _newest(to: str) -> str:
    return str([letter.body for letter in mail.outbox if to in letter.to][-1])


def signing_in_by_mail(stage: Stage) -> None:
    stage.arrive()
    body = {"email": EMAIL, "create_user": False}
    stage.show("sendCode", "A mail is on its way", "POST", OTP, body, anonymous=True)
    stage.show("sendCode", "over_email_send_rate_limit", "POST", OTP, body, anonymous=True)
    given = {"type": "email", "email": EMAIL, "token": code()}
    stage.show("verifyMail", "By code", "POST", VERIFY, given, anonymous=True)
    stage.show("verifyMail", "otp_expired", "POST", VERIFY, given, anonymous=True)
    stage.change(mail_cooldown=0)
    stage.app.auth("POST", "otp", body, anonymous=True)
    link_ = {"type": "magiclink", "token_hash": link()["token"]}
    stage.show("verifyMail", "By link", "POST", VERIFY, link_, anonymous=True)
    for _ in range(10):
        stage.app.call("POST", VERIFY, given, anonymous=True)
    stage.show("verifyMail", "over_request_rate_limit", "POST", VERIFY, given, anonymous=True)
    stage.show("sendMagicLink", "As otp", "POST", "auth/v1/magiclink", body, anonymous=True)
    stage.change(mail_sign_in_enabled=False)
    stage.show("sendCode", "email_provider_disabled", "POST", OTP, body, anonymous=True)


def opening_links(stage: Stage) -> None:
    stage.arrive()
    stage.change(mail_cooldown=0)
    verifier = new_verifier()
    body = {"email": EMAIL, "code_challenge": s256(verifier), "code_challenge_method": "s256"}
    stage.show("sendCode", "With PKCE", "POST", OTP, body, anonymous=True)
    path = f"{VERIFY}?token={link()['token']}&type=magiclink"
    stage.show("openLink", "To the page with the button", "GET", path, anonymous=True)
    stage.change(one_step_links=True)
    back = stage.show("openLink", "Straight back to the app", "GET", path, anonymous=True)
    [auth_code] = parse_qs(urlsplit(back["Location"]).query)["code"]
    route = "auth/v1/token?grant_type=pkce"
    given = {"auth_code": auth_code, "code_verifier": new_verifier()}
    stage.show("getToken", "bad_code_verifier", "POST", route, given, anonymous=True)
    given["code_verifier"] = verifier
    stage.show("getToken", "By the code of a flow", "POST", route, given, anonymous=True)
    stage.show("getToken", "flow_state_not_found", "POST", route, given, anonymous=True)
    late = clock.now() - timedelta(minutes=2)
    Flow.objects.update(used_at=None, code_expires_at=late)
    stage.show("getToken", "flow_state_expired", "POST", route, given, anonymous=True)


def recovering(stage: Stage) -> None:
    stage.arrive()
    body = {"email": EMAIL}
    route = "auth/v1/recover"
    stage.show("recover", "A mail may be on its way", "POST", route, body, anonymous=True)
    stage.show("recover", "over_email_send_rate_limit", "POST", route, body, anonymous=True)


def confirming(stage: Stage) -> None:
    stage.change(auto_confirm=False, mail_cooldown=0)
    body = {"email": EMAIL, "password": PASSWORD}
    stage.app.auth("POST", "signup", body, anonymous=True)
    again = {"type": "signup", "email": EMAIL}
    route = "auth/v1/resend"
    stage.show("resend", "One more mail", "POST", route, again, anonymous=True)
    stage.app.session = {}
    given = {"type": "signup", "email": EMAIL, "token": code()}
    stage.app.keep(stage.app.call("POST", VERIFY, given))
    change = {"email": NEW}
    stage.show("updateUser", "A new address", "PUT", "auth/v1/user", change)
    half = {"type": "email_change", "email": EMAIL, "token": code()}
    stage.show("verifyMail", "Half of a change", "POST", VERIFY, half, anonymous=True)
    stage.change(mail_cooldown=60)
    stage.show("updateUser", "over_email_send_rate_limit", "PUT", "auth/v1/user", change)


def proving_oneself(stage: Stage) -> None:
    stage.app.sign_up(NEW)
    stage.arrive()
    route = "auth/v1/reauthenticate"
    stage.show("reauthenticate", "A mail is on its way", "GET", route)
    stage.show("reauthenticate", "over_email_send_rate_limit", "GET", route)
    wrong = "000000" if code() != "000000" else "000001"
    body = {"password": "a better horse battery", "nonce": wrong}
    stage.show("updateUser", "reauthentication_not_valid", "PUT", "auth/v1/user", body)
    stage.show("updateUser", "email_exists", "PUT", "auth/v1/user", {"email": NEW})
    Account.objects.update(email_confirmed_at=None)
    stage.show("reauthenticate", "email_not_confirmed", "GET", route)


def being_nobody(stage: Stage) -> None:
    route = "auth/v1/signup"
    name = "anonymous_provider_disabled"
    stage.show("signUp", name, "POST", route, {}, anonymous=True)
    stage.change(anonymous_enabled=True)
    made = stage.show("signUp", "An anonymous session", "POST", route, {}, anonymous=True)
    stage.app.keep(made)
    stage.show("reauthenticate", "validation_failed", "GET", "auth/v1/reauthenticate")


def signing_up_too_often(stage: Stage) -> None:
    stage.change(auto_confirm=False)
    body = {"email": EMAIL, "password": PASSWORD}
    stage.app.auth("POST", "signup", body, anonymous=True)
    name = "over_email_send_rate_limit"
    stage.show("signUp", name, "POST", "auth/v1/signup", body, anonymous=True)


SCENES = (
    signing_in_by_mail,
    opening_links,
    recovering,
    confirming,
    proving_oneself,
    being_nobody,
    signing_up_too_often,
)
