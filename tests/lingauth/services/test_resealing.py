"""What is kept for long comes under the newest root secret, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingauth import keyring
from lingauth.conf import settings as ours
from lingauth.models import Event, Provider, SigningKey, TotpFactor
from lingauth.services import keys, providers, resealing
from lingauth.services.history import sealing
from lingauth.services.resealing import Resealed
from tests.support.acts import ANN
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db

OLD, NEW, OTHER = 50 * "o", 50 * "n", 50 * "x"
CORP = {"issuer": "https://corp.example.com", "client_id": "lingauth", "secret": "s1"}
Roots = Callable[..., None]


@pytest.fixture
def roots(settings: Any) -> Iterator[Roots]:
    def use(*secrets: str) -> None:
        settings.LINGAUTH = {**settings.LINGAUTH, "SECRET_KEYS": list(secrets)}
        keyring.forget()

    use(OLD)
    yield use
    keyring.forget()


@pytest.fixture
def ann(roots: Roots) -> Person:
    """With an authenticator and codes; her backend has two keys, and a provider with a secret."""
    backend = new_backend().backend
    keys.rotate(backend=backend, actor=ANN)
    providers.save(backend=backend, name="corp", changes=CORP, actor=ANN)
    providers.save(backend=backend, name="open", changes=CORP | {"secret": ""}, actor=ANN)
    return Person.sign_up(backend, "ann@example.com").enrol().make_codes()


def told(done: dict[str, Resealed]) -> dict[str, tuple[int, int, int]]:
    return {n: (of.rewritten, of.current, of.unreadable) for n, of in done.items()}


def secrets() -> dict[str, list[bytes]]:
    models: tuple[type[Any], ...] = (TotpFactor, SigningKey, Provider)
    return {
        model.__name__: [
            bytes(row.secret) for row in model._default_manager.exclude(secret=None).order_by("pk")
        ]
        for model in models
    }


def opened() -> dict[str, list[bytes]]:
    """What the roots that are set now find in them."""
    ring = SigningKey.objects.order_by("pk")
    return {
        "totp": [row.open_secret() for row in TotpFactor.objects.all()],
        "keys": [
            ours.keychain.decrypt("signing key", bytes(k.secret), bound_to=k.kid.encode())
            for k in ring
        ],
        "corp": [providers.secret_of(Provider.objects.get(name="corp")).encode()],
    }


def test_nothing_hangs_on_the_old_root_any_more(ann: Person, roots: Roots) -> None:
    plain = opened()
    roots(NEW, OLD)
    assert told(resealing.reseal()) == {
        "authenticators": (1, 0, 0),
        "signing keys": (2, 0, 0),
        "providers": (1, 0, 0),
        "history": (0, 0, 0),
    }
    after = secrets()
    assert told(resealing.reseal()) == {
        "authenticators": (0, 1, 0),
        "signing keys": (0, 2, 0),
        "providers": (0, 1, 0),
        "history": (0, 0, 0),
    }
    assert secrets() == after
    roots(NEW)
    assert opened() == plain
    assert plain["corp"] == [b"s1"]


def test_what_no_root_opens_stays_and_is_counted(ann: Person, roots: Roots) -> None:
    before = secrets()
    roots(NEW, OTHER)
    assert told(resealing.reseal()) == {
        "authenticators": (0, 0, 1),
        "signing keys": (0, 0, 2),
        "providers": (0, 0, 1),
        "history": (0, 0, 0),
    }
    assert secrets() == before


def test_the_history_is_sealed_again(ann: Person, roots: Roots) -> None:
    assert Event.objects.exists()
    list(sealing.seal())
    roots(NEW, OLD)
    assert told(resealing.reseal())["history"] == (1, 0, 0)
    assert told(resealing.reseal())["history"] == (0, 1, 0)
    roots(OTHER)
    assert told(resealing.reseal())["history"] == (0, 0, 1)


@pytest.mark.parametrize(("batch", "reads"), [(1, 6), (2, 4), (5, 2), (None, 2)])
def test_each_row_is_read_once_a_batch_at_a_time(
    roots: Roots, batch: int | None, reads: int
) -> None:
    backend = new_backend().backend
    for number in range(5):
        providers.save(backend=backend, name=f"corp-{number}", changes=CORP, actor=ANN)
    roots(NEW, OLD)
    more = {} if batch is None else {"batch": batch}
    with CaptureQueriesContext(connection) as captured:
        assert resealing.reseal(**more)["providers"].rewritten == 5
    table = f'FROM "{Provider._meta.db_table}"'
    asked = [one["sql"] for one in captured if table in one["sql"]]
    assert len(asked) == reads
    assert all(f"LIMIT {batch or 500}" in sql for sql in asked)


def test_a_row_that_is_written_meanwhile_is_not_counted(
    ann: Person, roots: Roots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays what it became."""
    roots(NEW, OLD)
    columns = resealing._columns()
    column = columns["providers"]

    def replaced(row: Provider) -> bytes:
        Provider.objects.filter(pk=row.pk).update(secret=b"anew")
        return providers.binding(row)

    slow = type(column)(column.rows, column.purpose, replaced)
    monkeypatch.setattr(resealing, "_columns", lambda: {"providers": slow})
    assert told(resealing.reseal())["providers"] == (0, 0, 0)
    assert bytes(Provider.objects.get(name="corp").secret or b"") == b"anew"


def test_a_copied_secret_is_neither_opened_nor_written_anew(ann: Person, roots: Roots) -> None:
    copied = Provider.objects.get(name="corp").secret
    Provider.objects.filter(name="open").update(secret=copied)
    roots(NEW, OLD)
    assert told(resealing.reseal())["providers"] == (1, 0, 1)
    assert bytes(Provider.objects.get(name="open").secret or b"") == bytes(copied or b"")


def test_sets_of_recovery_codes_are_counted(ann: Person) -> None:
    assert resealing.recovery_code_sets() == 1
    Person.sign_up(ann.account.backend).enrol().make_codes()
    assert resealing.recovery_code_sets() == 2
