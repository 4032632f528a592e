"""Making a backend: everything it begins with, and what cannot be one."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.models import ApiKey, Backend, SigningKey
from lingauth.services import api_keys, backends
from lingauth.services.context import ClientInfo
from tests.lingauth.api.people import Clock, frozen
from tests.support.acts import ANN, CLIENT, event, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moved() -> Iterator[Clock]:
    with frozen() as moved:
        yield moved


def make(ref: str = "acme", name: str = "Acme", **more: Any) -> backends.NewBackend:
    given: dict[str, Any] = {"ref": ref, "name": name, "actor": ANN}
    return backends.create_backend(**given | more)


@pytest.mark.parametrize("confirms", [False, True])
def test_it_begins_with_a_signing_key_and_two_api_keys(confirms: bool) -> None:
    made = make(auto_confirm=confirms, client=CLIENT)
    row = Backend.objects.get()
    assert made.backend == row
    assert (row.ref, row.name, row.created_at) == ("acme", "Acme", clock.now())
    assert (row.auto_confirm, row.policy_version, row.keys_version) == (confirms, 1, 1)
    key = SigningKey.objects.get()
    assert (key.backend_id, key.activates_at, key.expires_at) == (row.pk, clock.now(), None)
    rows = ApiKey.objects.order_by("role").values_list("backend", "role", "digest", "label")
    assert list(rows) == [
        (row.pk, "anon", sha256(made.anon_key.encode()).hexdigest(), ""),
        (row.pk, "service", sha256(made.service_key.encode()).hexdigest(), ""),
    ]
    assert written() == [event("backend_created", backend=row, ref="acme", name="Acme")]


def test_without_a_client_none_is_written_down() -> None:
    row = make().backend
    assert not row.auto_confirm
    assert written() == [
        event("backend_created", backend=row, client=ClientInfo(), ref="acme", name="Acme")
    ]


@pytest.mark.parametrize("ref", ["sign-in", "sign-out", "set-up", "verify", "theme"])
def test_an_address_of_the_consoles_own_is_none(ref: str) -> None:
    with pytest.raises(Conflict) as refused:
        make(ref)
    assert str(refused.value) == f"'{ref}' is an address of the console. Choose another name."
    assert not Backend.objects.exists()


@pytest.mark.parametrize(
    ("ref", "name", "field"),
    [("", "Acme", "ref"), ("A", "Acme", "ref"), (41 * "a", "Acme", "ref"), ("acme", "", "name"),
     ("acme", 81 * "x", "name")],
)  # fmt: skip
def test_what_a_backend_cannot_be_called(ref: str, name: str, field: str) -> None:
    with pytest.raises(ValidationFailed, match=f"^{field}: [A-Z]") as refused:
        make(ref, name)
    assert "\n" not in str(refused.value)
    assert refused.value.__suppress_context__
    assert not Backend.objects.exists()


def test_the_longest_names() -> None:
    assert make(40 * "a", 80 * "x").backend.name == 80 * "x"


def test_a_ref_that_is_taken() -> None:
    make()
    events = written()
    with pytest.raises(Conflict) as refused:
        make(name="Another")
    assert str(refused.value) == "There is a backend 'acme' already."
    assert refused.value.__suppress_context__
    assert (written(), ApiKey.objects.count(), SigningKey.objects.count()) == (events, 2, 1)


def test_one_is_got_by_its_ref(settings: Any) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "SITE_URL": "https://id.example.com"}
    row = make().backend
    assert backends.get(ref="acme") == row
    assert backends.base_url(row) == "https://id.example.com/b/acme"
    assert backends.anon_key(row) == api_keys.anon_key(row) is not None
    with pytest.raises(NotFound) as refused:
        backends.get(ref="bravo")
    assert str(refused.value) == "There is no backend 'bravo'."


def test_it_commits_by_itself() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        make()
