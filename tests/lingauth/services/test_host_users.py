"""The row of the host's user model that an account gets, whatever that model is like."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import is_password_usable
from django.db import models

from lingauth.models import Backend
from lingauth.services import users

UUID_ = UUID("5b6a7c8d-1111-4222-8333-444455556666")
STAND_IN = "5b6a7c8d-1111-4222-8333-444455556666@acme.invalid"
ANN = "Ann@example.com"
ACME = Backend(ref="acme")


def host(name: str, email: str | None, **fields: Any) -> Any:
    """A user model of a host, of which nothing is stored. It remembers what was done to it."""

    class Rows:
        def filter(self, **which: Any) -> Any:
            def update(**values: Any) -> None:
                User.done.append(("update", which, values))

            return SimpleNamespace(update=update)

    class User:
        USERNAME_FIELD = name
        done: list[Any] = []
        pk = 7
        _meta = SimpleNamespace(get_field=fields.__getitem__)
        _default_manager = Rows()

        def __init__(self, **values: Any) -> None:
            self.__dict__.update(values)
            self.values = values

        def save(self, *, force_insert: bool) -> None:
            assert force_insert, "never over somebody else's row"
            self.done.append(("save", self.values))

    if email is not None:
        User.EMAIL_FIELD = email  # type: ignore[attr-defined]  # as Django's own has it
    return User


def by_name(**email: Any) -> Any:
    return host(
        "login", "mail", login=models.CharField(unique=True), mail=models.EmailField(**email)
    )


def by_name_with_one_mail() -> Any:
    return by_name(unique=True)


def by_mail() -> Any:
    return host("mail", "mail", mail=models.EmailField(unique=True))


def by_name_with_a_field_of_its_own() -> Any:
    """Which does not say whether it may repeat."""
    return host("login", "mail", login=models.CharField(unique=True), mail=SimpleNamespace())


def without_mail() -> Any:
    return host("login", None, login=models.CharField(unique=True))


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(model: Any) -> Any:
        monkeypatch.setattr(users, "get_user_model", lambda: model)
        return model

    return put


def create(password: str | None = "a hash") -> Any:
    return users.create_user(backend=ACME, account_uuid=UUID_, email=ANN, password=password)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (by_name, {"login": str(UUID_), "mail": ANN}),
        (by_name_with_a_field_of_its_own, {"login": str(UUID_), "mail": ANN}),
        (by_name_with_one_mail, {"login": str(UUID_)}),
        (by_mail, {"mail": STAND_IN}),
        (without_mail, {"login": str(UUID_)}),
    ],
)
def test_two_backends_people_never_meet(use: Any, model: Any, values: dict[str, str]) -> None:
    model = use(model())
    made = create()
    assert model.done == [("save", values | {"password": "a hash"})]
    assert isinstance(made, model)


def test_without_a_password_none_is_right(use: Any) -> None:
    use(by_name())
    assert not is_password_usable(create(None).password)


@pytest.mark.parametrize(
    ("model", "done"),
    [
        (by_name, [("update", {"pk": 7}, {"mail": ANN})]),
        (by_name_with_one_mail, []),
        (by_mail, []),
        (without_mail, []),
    ],
)
def test_an_address_is_kept_in_step_where_it_is_only_that(use: Any, model: Any, done: Any) -> None:
    model = use(model())
    users.set_email(7, ANN)
    assert model.done == done


@pytest.mark.parametrize(
    ("model", "row", "done"),
    [
        (by_name, {"login": "x", "mail": ANN}, [{"mail": ""}]),
        (by_name, {"login": "ANN@example.com", "mail": ""}, [{"mail": ""}, {"login": STAND_IN}]),
        (by_name_with_one_mail, {"login": "x", "mail": "ANN@EXAMPLE.COM"}, [{"mail": STAND_IN}]),
        (by_name_with_one_mail, {"login": ANN, "mail": ANN},
         [{"login": STAND_IN, "mail": STAND_IN}]),
        (by_name_with_one_mail, {"login": "x", "mail": "ben@example.com"}, []),
        (by_mail, {"mail": ANN}, [{"mail": STAND_IN}]),
        (by_mail, {"mail": STAND_IN}, []),
        (without_mail, {"login": "x"}, []),
        (without_mail, {"login": ANN}, [{"login": STAND_IN}]),
    ],
)  # fmt: skip
def test_an_address_is_free_again(use: Any, model: Any, row: dict[str, str], done: Any) -> None:
    model = use(model())
    users.release_address(model(**row), account_uuid=UUID_, backend=ACME, email="ann@Example.com")
    assert model.done == [("update", {"pk": 7}, values) for values in done]


def factory(**given: Any) -> Any:
    return given


def test_a_hosts_own_factory_is_given_everything(settings: Any) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "USER_FACTORY": f"{__name__}.factory"}
    given: dict[str, Any] = {
        "backend": ACME,
        "account_uuid": UUID_,
        "email": ANN,
        "password": "a hash",
    }
    assert users.make_user(**given) == given


@pytest.mark.django_db
def test_djangos_own_users() -> None:
    made = users.make_user(backend=ACME, account_uuid=UUID_, email=ANN, password=None)
    row = get_user_model()._default_manager.get()
    assert made == row
    assert (row.username, row.email, row.has_usable_password()) == (str(UUID_), ANN, False)
    users.set_email(row.pk, "new@example.com")
    row.refresh_from_db()
    assert row.email == "new@example.com"
