"""Looking providers up: by operators, by apps, and their secrets."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from lingauth.core.errors import NotFound, ValidationFailed
from lingauth.models import Backend, Provider
from lingauth.services import providers
from tests.support.acts import ANN, CLIENT, event, written
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend() -> Backend:
    """With three providers, of which one is off; another backend has one of the same name."""
    made = new_backend().backend
    for name, label, on in (("corp", "Zulu", True), ("other", "Alpha", True), ("off", "M", False)):
        save(made, name, label=label, is_enabled=on)
    save(new_backend("bravo").backend, "corp", label="Theirs")
    return made


def save(backend: Backend, name: str, **more: Any) -> None:
    changes = {"client_id": "c", "issuer": "https://sso.example.com", "secret": "s1", **more}
    providers.save(backend=backend, name=name, changes=changes, actor=ANN)


def test_lists_are_in_the_order_of_their_labels(backend: Backend) -> None:
    assert providers.enabled(backend) == [("other", "Alpha"), ("corp", "Zulu")]
    assert [row.name for row in providers.listed(backend)] == ["other", "off", "corp"]
    assert {row.backend_id for row in providers.listed(backend)} == {backend.pk}


def test_one_is_got_by_its_name(backend: Backend, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        row = providers.get(backend=backend, name="corp")
        assert (row.label, row.backend) == ("Zulu", backend)
    assert providers.get(backend=backend, name="off").label == "M"
    with pytest.raises(NotFound) as refused:
        providers.get(backend=backend, name="nobody")
    assert str(refused.value) == "There is no such provider."


def test_an_app_names_one_that_is_on(backend: Backend, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        row = providers.usable(backend=backend, name="corp")
        assert (row.label, row.backend) == ("Zulu", backend)


OFF = "Unsupported provider: provider is not enabled"
UNKNOWN = "Unsupported provider: provider could not be found"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("off", OFF), ("google", OFF), ("nobody", UNKNOWN), (40 * "x", UNKNOWN), (41 * "x", OFF),
     ("", OFF), ("a\x00", OFF), (None, OFF), (7, OFF), (["corp"], OFF)],
)  # fmt: skip
def test_what_an_app_cannot_use(backend: Backend, name: object, sentence: str) -> None:
    """In the contract's words. What cannot be a name is not looked for."""
    with pytest.raises(ValidationFailed) as refused:
        providers.usable(backend=backend, name=name)
    assert str(refused.value) == sentence


def test_a_name_of_one_letter_and_one_of_forty(backend: Backend) -> None:
    for name in ("x", 40 * "x"):
        save(backend, name)
        assert providers.usable(backend=backend, name=name).name == name


def test_the_address_to_register_is_one_for_all(backend: Backend) -> None:
    address = "http://127.0.0.1:8000/b/acme/auth/v1/callback"
    assert providers.callback_url(backend) == address


def test_a_secret_is_bound_to_its_row(backend: Backend) -> None:
    row = providers.get(backend=backend, name="corp")
    assert providers.secret_of(row) == "s1"
    assert providers.binding(row) == f"{backend.pk}\ncorp".encode()
    row.name = "other"
    assert providers.secret_of(row) == ""
    row.name, row.secret = "corp", None
    assert providers.secret_of(row) == ""
    with override_settings(LINGAUTH={"SECRET_KEYS": ["another root secret of 32 characters"]}):
        assert providers.secret_of(providers.get(backend=backend, name="other")) == ""


def test_one_that_is_removed(backend: Backend) -> None:
    providers.remove(backend=backend, name="corp", actor=ANN, client=CLIENT)
    assert set(Provider.objects.values_list("name", "backend__ref")) == {
        ("other", "acme"), ("off", "acme"), ("corp", "bravo"),
    }  # fmt: skip
    assert written()[-1] == event(
        "provider_changed", backend=backend, provider="corp", removed=True
    )
    with pytest.raises(NotFound):
        providers.remove(backend=backend, name="corp", actor=ANN)
