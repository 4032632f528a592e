"""The scenes about providers and identities. Each meets an empty backend."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lingauth.core import clock
from lingauth.models import Account, Identity, Session
from lingauth.services import providers
from lingauth.services.context import Actor
from tests.lingauth.api.docs.stage import EMAIL, Stage

AUTHORIZE = "auth/v1/authorize?provider=github"
CALLBACK = "auth/v1/callback"
LINK = "auth/v1/user/identities/authorize?provider=github"
FORM = "application/x-www-form-urlencoded"


def accept(stage: Stage, **changes: Any) -> None:
    """The backend accepts GitHub, which has to be asked nothing before it is used."""
    values = {"client_id": "Iv1.8a61f9b3a7aba766", "secret": "a-secret", **changes}
    providers.save(
        backend=stage.made.backend, name="github", changes=values, actor=Actor.system("tests")
    )


def signing_in_by_a_provider(stage: Stage) -> None:
    name = "validation_failed"
    stage.show("authorize", name, "GET", AUTHORIZE, anonymous=True)
    route = "auth/v1/token?grant_type=id_token"
    body = {"provider": "google", "id_token": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"}
    stage.show("getToken", "An ID token, its provider off", "POST", route, body, anonymous=True)
    route = "auth/v1/token?grant_type=web3"
    stage.show("getToken", "web3_provider_disabled", "POST", route, {}, anonymous=True)
    accept(stage)
    sent = stage.show("authorize", "To the provider", "GET", AUTHORIZE, anonymous=True)
    [state] = parse_qs(urlsplit(sent["Location"]).query)["state"]
    path = f"{CALLBACK}?state={state}&error=access_denied"
    stage.show("callback", "Back to the app", "GET", path, anonymous=True)
    stage.show_raw("callbackForm", "On to the same by GET", CALLBACK, f"state={state}", FORM)
    too_much = "state=" + "a" * 70_000
    stage.show_raw("callbackForm", "request_entity_too_large", CALLBACK, too_much, FORM)
    stage.show_raw("callbackForm", "unsupported_media_type", CALLBACK, "{}", "application/json")


def adding_identities(stage: Stage) -> None:
    accept(stage)
    stage.arrive(level=2)
    stage.show("linkIdentity", "On the way", "GET", LINK)
    off = LINK.replace("github", "google")
    stage.show("linkIdentity", "validation_failed", "GET", off)
    stage.change(manual_linking_enabled=False)
    stage.show("linkIdentity", "manual_linking_disabled", "GET", LINK)
    stage.change(manual_linking_enabled=True)
    Session.objects.update(verified_at=None)
    stage.show("linkIdentity", "insufficient_aal", "GET", LINK)


def removing_identities(stage: Stage) -> None:
    stage.arrive()
    account = Account.objects.get(email=EMAIL)
    [own] = Identity.objects.all()
    route = "auth/v1/user/identities"
    stage.show("unlinkIdentity", "single_identity_not_deletable", "DELETE", f"{route}/{own.uuid}")
    stage.show("unlinkIdentity", "validation_failed", "DELETE", f"{route}/1")
    more = Identity(backend_id=account.backend_id, account=account, provider="github", subject="1")
    more.save()
    stage.show("unlinkIdentity", "Taken away", "DELETE", f"{route}/{more.uuid}")
    stage.show("unlinkIdentity", "identity_not_found", "DELETE", f"{route}/{more.uuid}")
    Session.objects.update(created_at=clock.now() - timedelta(minutes=11))
    stage.show("unlinkIdentity", "reauthentication_needed", "DELETE", f"{route}/{own.uuid}")


SCENES = (signing_in_by_a_provider, adding_identities, removing_identities)
