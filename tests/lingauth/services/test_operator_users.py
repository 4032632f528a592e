"""The user of a new operator, in whatever model the host has."""

from __future__ import annotations

from typing import ClassVar

import pytest

from lingauth.services import operators

BEN = "Ben@Example.com"


class _Host:
    """A host's own user model, of which nothing is stored."""

    USERNAME_FIELD = "login"
    made: ClassVar[list[_Host]] = []

    def __init__(self, **values: str) -> None:
        self.values = values

    def set_password(self, text: str) -> None:
        self.password = text

    def save(self, *, force_insert: bool) -> None:
        assert force_insert, "never over somebody else's row"
        self.made.append(self)


class _ByMail(_Host):
    EMAIL_FIELD = USERNAME_FIELD = "login"


class _Both(_Host):
    EMAIL_FIELD = "mail"


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (_Host, {"login": BEN}),
        (_ByMail, {"login": BEN}),
        (_Both, {"login": BEN, "mail": BEN}),
    ],
)
def test_a_user_is_made_as_the_hosts_model_has_it(
    monkeypatch: pytest.MonkeyPatch, model: type[_Host], values: dict[str, str]
) -> None:
    monkeypatch.setattr(operators, "get_user_model", lambda: model)
    made = operators._new_user(BEN, "Ame\u0301lie's horse")
    assert made is model.made.pop()
    assert (made.values, made.password) == (values, "Am\u00e9lie's horse")
