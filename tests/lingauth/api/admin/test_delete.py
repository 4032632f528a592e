"""Deleting an account: nothing of it works any longer, and nothing of it is left."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel

from lingauth.core import clock
from lingauth.models import Account, Backend, Event, Flow, GuessLimit, Session
from lingauth.services import adoption, cookies, mail_tokens, operators
from lingauth.services.backends import NewBackend
from lingauth.services.mail_tokens import Purpose
from project.demo.models import Note
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import TESTS, UNKNOWN, stored
from tests.support.app import PASSWORD, App

pytestmark = [pytest.mark.django_db, pytest.mark.once]
Users: Any = get_user_model()._default_manager


def full(app: App, email: str = "ann@example.com") -> str:
    """An account that has one of everything. Its id."""
    app.sign_up(email)
    app.reach_aal2()
    assert app.auth("POST", "factors/recovery-codes").status_code == 200
    app.auth("POST", "mfa/verify", {"code": "000000"})
    id = str(app.session["user"]["id"])
    account = Account.objects.get(uuid=id)
    mail_tokens.mint(account=account, purpose=Purpose.RECOVERY, email=account.email)
    for role in ("account", "link_to"):
        Flow.objects.create(
            backend=account.backend, provider="x", expires_at=clock.now(), **{role: account}
        )
    Note.objects.create(backend=account.backend, owner=account, title="Mine")
    return id


def belonging(account_pk: int, user_pk: int) -> dict[str, int]:
    """How many rows of any table point to the account or to its user."""
    found = {}
    for model, pk in ((Account, account_pk), (get_user_model(), user_pk)):
        for relation in model._meta.get_fields(include_hidden=True):
            if isinstance(relation, ForeignObjectRel) and not relation.many_to_many:
                rows: models.QuerySet[Any] = relation.related_model._base_manager.all()
                if count := rows.filter(**{relation.field.name: pk}).count():
                    found[f"{relation.related_model._meta.label}.{relation.field.name}"] = count
    return found


def delete(server: Server, id: str, *, soft: bool | None = None) -> Any:
    body = None if soft is None else {"should_soft_delete": soft}
    return server.call("DELETE", f"admin/users/{id}", body)


def is_dead(app: App, cookie: str) -> None:
    assert app.auth("GET", "user").status_code == 403
    assert app.data().status_code == 401
    assert app.refresh().status_code == 400
    assert cookies.session_from(ref=app.ref, cookie=cookie) is None
    body = {"email": "ann@example.com", "password": PASSWORD}
    answer = app.auth("POST", "token?grant_type=password", body, anonymous=True)
    contract.refused(answer, 400, "invalid_credentials")


@pytest.mark.parametrize("soft", [None, False])
def test_for_good_nothing_is_left(server: Server, app: App, soft: bool | None) -> None:
    id = full(app)
    account = Account.objects.get()
    cookie = cookies.cookie_for(Session.objects.select_related("backend").get())
    assert len(belonging(account.pk, account.user_id)) >= 9
    answer = delete(server, id, soft=soft)
    assert (answer.status_code, answer.json()) == (200, {})
    is_dead(app, cookie)
    assert not Account.objects.exists()
    assert not Users.exists()
    assert belonging(account.pk, account.user_id) == {}
    assert not GuessLimit.objects.filter(kind="totp").exists()
    event = Event.objects.get(kind="account_deleted")
    assert (event.actor_kind, str(event.account_uuid)) == ("service", id)
    contract.refused(server.call("GET", f"admin/users/{id}"), 404, "user_not_found")
    contract.refused(delete(server, id), 404, "user_not_found")


def test_the_address_is_free_again(server: Server, app: App) -> None:
    for soft in (False, True):
        delete(server, full(app), soft=soft)
    app.sign_up("ann@example.com")
    assert app.auth("GET", "user").json().get("factors") is None


def test_softly_its_name_remains_and_nothing_else(server: Server, app: App) -> None:
    id = full(app)
    cookie = cookies.cookie_for(Session.objects.select_related("backend").get())
    assert delete(server, id, soft=True).json() == {}
    is_dead(app, cookie)
    left = server.get(id)
    assert left["deleted_at"]
    assert (left["email"], left["identities"]) == ("", [])
    assert (left["user_metadata"], left["app_metadata"]) == ({}, {})
    assert "factors" not in left
    account = Account.objects.select_related("user").get()
    kept = belonging(account.pk, account.user_id)
    assert kept.keys() <= {
        "lingauth.Session.account", "lingauth.GuessLimit.account", "lingauth.Account.user",
        "demo.Note.owner",
    }  # fmt: skip
    assert not account.user.has_usable_password()
    assert account.user.email == ""
    assert Session.objects.get().end_reason == "deleted"


def test_softly_twice_is_once(server: Server, app: App) -> None:
    id = full(app)
    delete(server, id, soft=True)
    before = stored()
    assert delete(server, id, soft=True).status_code == 200
    assert stored() == before
    assert Event.objects.filter(kind="account_deleted").count() == 1
    assert delete(server, id).status_code == 200
    assert not Account.objects.exists()


def test_what_was_softly_deleted_is_not_changed(server: Server, app: App) -> None:
    id = full(app)
    factor = app.auth("GET", "user").json()["factors"][0]["id"]
    delete(server, id, soft=True)
    before = stored()
    contract.refused(
        server.call("PUT", f"admin/users/{id}", {"password": PASSWORD}), 404, "user_not_found"
    )
    for method in ("PUT", "DELETE"):
        answer = server.call(method, f"admin/users/{id}/factors/{factor}", {"friendly_name": "x"})
        contract.refused(answer, 404, "user_not_found")
    assert server.call("GET", f"admin/users/{id}/factors").json() == []
    body = {"type": "recovery", "email": "ann@example.com"}
    contract.refused(server.call("POST", "admin/generate_link", body), 404, "user_not_found")
    assert stored() == before


def by_address(*, backend: Backend, account_uuid: UUID, email: str, password: str | None) -> Any:
    """A host's own factory, which names users by their address."""
    return Users.create(username=email, email=email, password=password or "!")


def test_the_address_is_free_where_a_host_names_users_by_it(
    server: Server, app: App, settings: Any
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "USER_FACTORY": f"{__name__}.by_address"}
    for soft in (True, False):
        app.sign_up("Ann@example.com")
        delete(server, str(app.session["user"]["id"]), soft=soft)
    app.sign_up("ann@example.com")
    assert not Users.filter(email="Ann@example.com").exists()


@pytest.mark.parametrize("soft", [False, True])
def test_a_user_that_was_there_before_stays_as_it_is(
    server: Server, made: NewBackend, soft: bool
) -> None:
    user = Users.create_user("host", "u@example.com", PASSWORD)
    adoption.adopt_users(backend=made.backend, actor=TESTS)
    before = Users.values().get(pk=user.pk)
    id = str(Account.objects.get().uuid)
    assert delete(server, id, soft=soft).status_code == 200
    assert Users.values().get(pk=user.pk) == before
    assert Account.objects.exists() is soft


@pytest.mark.parametrize("how", ["staff", "operator"])
def test_nor_does_somebody_go_who_runs_the_site(
    server: Server, made: NewBackend, app: App, how: str
) -> None:
    id = full(app)
    user = Account.objects.get().user
    if how == "staff":
        user.is_staff = True
    else:
        user.username = "op@example.com"
    user.save()
    if how == "operator":
        operators.create(email="op@example.com", backend=made.backend, role="owner", actor=TESTS)
    assert delete(server, id).status_code == 200
    assert not Account.objects.exists()
    assert Users.filter(pk=user.pk).exists()


def test_others_are_left_alone(server: Server, app: App) -> None:
    id = full(app)
    other = App(app.ref, app.anon_key)
    full(other, "bob@example.com")
    delete(server, id)
    assert other.auth("GET", "user").json()["factors"]
    assert other.data().status_code == 200


def test_what_the_site_protects_is_a_conflict(
    server: Server, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = full(app)
    relation = Note._meta.get_field("owner").remote_field
    monkeypatch.setattr(relation, "on_delete", models.PROTECT)
    before = stored()
    contract.refused(delete(server, id), 409, "conflict")
    assert stored() == before
    assert app.auth("GET", "user").status_code == 200


def test_unknown_ids(server: Server) -> None:
    contract.refused(delete(server, UNKNOWN), 404, "user_not_found", "User not found")
    contract.refused(delete(server, "x"), 404, "validation_failed", "user_id must be an UUID")
