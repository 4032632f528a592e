"""Making an account with the service key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail

from lingauth.core import clock
from lingauth.models import Account, Event
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import create, stored
from tests.support.app import PASSWORD, App
from tests.support.hashes import BCRYPT

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def post(server: Server, **body: Any) -> Any:
    return server.call("POST", "admin/users", body)


def sign_in(made: NewBackend, email: str, password: str) -> Any:
    body = {"email": email, "password": password}
    app = App(made.backend.ref, made.anon_key)
    return app.auth("POST", "token?grant_type=password", body, anonymous=True)


def test_the_answer_is_the_user_and_nobody_is_mailed(server: Server) -> None:
    made = contract.user(server.create("Ann@Example.com", password=PASSWORD))
    assert made["email"] == "Ann@Example.com"
    assert made["identities"][0]["identity_data"]["email_verified"] is True
    assert "confirmation_sent_at" not in made
    assert server.get(made["id"]) == made
    assert mail.outbox == []


def test_user_metadata_is_exactly_what_was_given(server: Server) -> None:
    assert server.create()["user_metadata"] == {}
    given: dict[str, Any] = {"name": "Bob", "tags": [1, None], "sub": "x"}
    assert server.create("b@example.com", user_metadata=given)["user_metadata"] == given
    unconfirmed = server.create("c@example.com", email_confirm=False, user_metadata={"a": 1})
    assert unconfirmed["user_metadata"] == {"a": 1}


def test_app_metadata_is_added_to_what_says_the_provider(server: Server) -> None:
    given: dict[str, Any] = {"plan": "pro", "provider": "google", "providers": [], "gone": None}
    made = server.create(app_metadata=given)
    assert made["app_metadata"] == {"provider": "email", "providers": ["email"], "plan": "pro"}


def test_it_can_sign_in(server: Server, made: NewBackend) -> None:
    server.create(password=PASSWORD)
    contract.session(sign_in(made, "ann@example.com", PASSWORD))


def test_unconfirmed_it_cannot(server: Server, made: NewBackend) -> None:
    server.create(password=PASSWORD, email_confirm=False)
    answer = sign_in(made, "ann@example.com", PASSWORD)
    contract.refused(answer, 400, "email_not_confirmed")


def test_without_a_password_no_password_opens_it(server: Server, made: NewBackend) -> None:
    server.create()
    user = Account.objects.get().user
    assert not user.has_usable_password()
    contract.refused(sign_in(made, "ann@example.com", "!"), 400, "invalid_credentials")


def test_a_password_hash_is_brought_along_and_renewed_at_the_first_sign_in(
    server: Server, made: NewBackend
) -> None:
    server.create(password_hash=BCRYPT.hash)
    contract.refused(sign_in(made, "ann@example.com", "wrong"), 400, "invalid_credentials")
    contract.session(sign_in(made, "ann@example.com", BCRYPT.password))
    assert "bcrypt" not in Account.objects.get().user.password


@pytest.mark.parametrize(
    "hash", ["", "x", "md5$$0123", "pbkdf2_sha256$1$a$b", "$2a$31$" + "a" * 53, "!" + "a" * 40]
)
def test_a_hash_of_no_known_kind_is_refused(server: Server, hash: str) -> None:
    """Django's own forms are none: they would be cheap to guess, or none at all."""
    answer = post(server, email="ann@example.com", password_hash=hash)
    contract.refused(answer, 400, "validation_failed")
    assert not Account.objects.exists()


def test_not_both_a_password_and_a_hash(server: Server) -> None:
    answer = post(server, email="ann@example.com", password=PASSWORD, password_hash=BCRYPT.hash)
    contract.refused(answer, 400, "validation_failed")


def test_the_id_can_be_chosen(server: Server) -> None:
    chosen = str(uuid4())
    made = contract.user(server.create(id=chosen))
    assert made["id"] == chosen
    answer = post(server, email="bob@example.com", id=chosen)
    contract.refused(answer, 422, "user_already_exists")
    assert get_user_model()._default_manager.count() == 1


@pytest.mark.parametrize("id", ["x", "0", "00000000-0000-0000-0000-000000000000", "{}"])
def test_a_bad_id_is_refused(server: Server, id: str) -> None:
    contract.refused(post(server, email="ann@example.com", id=id), 400, "validation_failed")


def test_an_address_is_one_account_however_it_is_written(server: Server, app: App) -> None:
    server.create("ann@example.com")
    app.sign_up("bob@example.com")
    before = stored()
    for email in ("ann@example.com", "ANN@EXAMPLE.com", "bob@example.com"):
        contract.refused(
            post(server, email=email, password=PASSWORD),
            422,
            "email_exists",
            "A user with this email address has already been registered",
        )
    assert stored() == before
    Server.of(create("bravo")).create("ann@example.com")


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "nothing": ({}, 400, "validation_failed"),
    "no address": ({"password": PASSWORD}, 400, "validation_failed"),
    "an empty address": ({"email": ""}, 400, "validation_failed"),
    "no address at all": ({"email": "ann"}, 400, "validation_failed"),
    "two addresses": ({"email": "a@example.com,b@example.com"}, 400, "validation_failed"),
    "a phone": ({"phone": "+15551234"}, 400, "phone_provider_disabled"),
    "both": ({"email": "a@example.com", "phone": "1"}, 400, "phone_provider_disabled"),
    "an empty password": ({"email": "a@example.com", "password": ""}, 400, "validation_failed"),
    "a short password": ({"email": "a@example.com", "password": "short"}, 422, "weak_password"),
    "a common one": ({"email": "a@example.com", "password": "password1"}, 422, "weak_password"),
    "a long one": ({"email": "a@example.com", "password": "x" * 257}, 400, "validation_failed"),
    "a bad ban": ({"email": "a@example.com", "ban_duration": "1d"}, 400, "validation_failed"),
    "large metadata": (
        {"email": "a@example.com", "user_metadata": {"a": "x" * 16400}}, 400, "validation_failed",
    ),
    "much metadata": (
        {"email": "a@example.com", "app_metadata": dict.fromkeys(map(str, range(65)), 1)},
        400,
        "validation_failed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_refused(server: Server, case: str) -> None:
    body, status, code = BAD[case]
    contract.refused(post(server, **body), status, code)
    assert not Account.objects.exists()
    assert not get_user_model()._default_manager.exists()


def test_nulls_and_unknown_members_are_nothing(server: Server) -> None:
    names = ("id", "phone", "phone_confirm", "password", "password_hash", "ban_duration", "role")
    nothing: dict[str, Any] = dict.fromkeys((*names, "user_metadata", "app_metadata", "nonce"))
    server.create(**nothing)
    server.create("b@example.com", role="service_role", nonce="1", else_="x", phone="")
    assert all(user["role"] == "authenticated" for user in listed(server))


def listed(server: Server) -> list[dict[str, Any]]:
    users: list[dict[str, Any]] = server.call("GET", "admin/users").json()["users"]
    return users


def test_banned_from_the_start(server: Server, made: NewBackend) -> None:
    with time_machine.travel(clock.now(), tick=False):
        user = server.create(password=PASSWORD, ban_duration="1h")
        until = contract.moment(user["banned_until"])
        assert until == clock.now() + timedelta(hours=1)
        contract.refused(sign_in(made, "ann@example.com", PASSWORD), 400, "user_banned")


def test_it_is_one_event_by_the_key(server: Server, made: NewBackend) -> None:
    user = server.create(password=PASSWORD, user_metadata={"a": 1})
    event = Event.objects.exclude(kind="backend_created").get()
    assert (event.kind, str(event.account_uuid)) == ("account_created", user["id"])
    assert event.actor_kind == "service"
    assert event.actor_id.startswith("lk_service")
    assert event.actor_id not in (server.key, made.anon_key)
