"""Which kinds of old hashes a backend keeps in mind: the costliest of each, as long as needed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from lingauth.models import Account, Backend
from lingauth.services import old_hashes
from tests.support.pending import strict_backend, waiting
from tests.support.statements import counted

pytestmark = pytest.mark.django_db


def bcrypt(cost: int, rest: str = "." * 53) -> str:
    return f"bcrypt$$2b${cost:02d}${rest}"


def argon2(kib: int, passes: int, kind: str = "id", salt: str = "A" * 22) -> str:
    return f"argon2$argon2{kind}$v=19$m={kib},t={passes},p=2${salt}${'A' * 43}"


def firebase(n: int, r: int, p: int, rest: str = "AAAA$") -> str:
    return f"fbscrypt${n},{r},{p}${rest}"


@pytest.fixture
def backend() -> Backend:
    return strict_backend()


def kept(backend: Backend) -> list[str]:
    return list(Backend.objects.get(pk=backend.pk).old_hashes)


def member(backend: Backend, name: str, stored: str) -> Account:
    """Somebody with this hash."""
    account = waiting(backend, f"{name}@example.com")
    account.user.password = stored
    account.user.save()
    return account


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        (bcrypt(10, "R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"), bcrypt(10)),
        (argon2(65_536, 3, salt="SFVpOWJ0eXhjRzVkdGN1RQ"), argon2(65_536, 3)),
        (argon2(8, 1, "i", "c2FsdHNhbHQ"), argon2(8, 1, "i", "A" * 11)),
        (firebase(14, 8, 1, "c2FsdAc=$AAECAwQFBgcICQ=="), firebase(14, 8, 1)),
        (firebase(14, 8, 1, "$"), firebase(14, 8, 1)),
        ("pbkdf2_sha256$1000000$salt$hash=", ""),
        ("md5$salt$0123456789abcdef", ""),
        ("bcrypt_sha256$$2b$10$" + "." * 53, ""),
        (bcrypt(10, "." * 52), ""),
        ("!unusable", ""),
        ("", ""),
    ],
)
def test_a_kind_is_a_hash_with_the_costs_and_of_nothing(stored: str, kind: str) -> None:
    assert old_hashes.kind_of(stored) == kind
    assert old_hashes.kind_of(kind) == kind


@pytest.mark.parametrize(
    ("dear", "cheap"),
    [
        (bcrypt(10), bcrypt(9)),
        (bcrypt(11), bcrypt(4)),
        # Memory times passes: 1200 and 1000, though the sums and quotients say otherwise.
        (argon2(400, 3), argon2(1000, 1)),
        (argon2(1000, 2), argon2(400, 4)),
        # r times p, doubled by each step of n.
        (firebase(13, 8, 3), firebase(14, 8, 1)),
        (firebase(14, 8, 1), firebase(13, 8, 1)),
        (firebase(14, 16, 1), firebase(14, 8, 1)),
        (firebase(14, 3, 3), firebase(14, 6, 1)),
        (firebase(14, 9, 1), firebase(14, 2, 2)),
    ],
)
def test_the_costliest_of_an_algorithm_is_kept(backend: Backend, dear: str, cheap: str) -> None:
    for brought in ([dear, cheap], [cheap], [dear]):
        old_hashes.note(backend, brought)
        assert backend.old_hashes == kept(backend) == [dear]
    Backend.objects.update(old_hashes=[])
    backend.refresh_from_db()
    old_hashes.note(backend, [cheap])
    assert kept(backend) == [cheap]
    old_hashes.note(backend, [dear])
    assert backend.old_hashes == kept(backend) == [dear]


def test_there_is_one_of_each_algorithm_and_each_backend_has_its_own(backend: Backend) -> None:
    other = strict_backend("bravo")
    old_hashes.note(backend, [firebase(14, 8, 1), bcrypt(4), argon2(8, 1), bcrypt(5)])
    assert kept(backend) == [argon2(8, 1), bcrypt(5), firebase(14, 8, 1)]
    assert kept(other) == []


def test_what_is_known_or_our_own_costs_no_statement(backend: Backend) -> None:
    old_hashes.note(backend, [bcrypt(5)])
    with counted() as statements:
        old_hashes.note(backend, [bcrypt(5), "md5$salt$hash", ""])
        old_hashes.note(backend, [])
    assert statements == []


def test_what_another_noted_since_the_backend_was_read_is_kept(backend: Backend) -> None:
    as_it_was = Backend.objects.get()
    old_hashes.note(backend, [bcrypt(5)])
    old_hashes.note(as_it_was, [firebase(14, 8, 1)])
    assert as_it_was.old_hashes == kept(backend) == [bcrypt(5), firebase(14, 8, 1)]


def test_a_kind_that_is_not_understood_is_kept_beside_the_others(backend: Backend) -> None:
    Backend.objects.update(old_hashes=["scrypt$of a later version"])
    old_hashes.note(backend, [bcrypt(5)])
    assert kept(backend) == [bcrypt(5), "scrypt$of a later version"]


def test_backends_without_any_cost_one_statement(backend: Backend) -> None:
    with counted() as statements:
        assert old_hashes.forget() == 0
    assert len(statements) == 1


def test_a_kind_that_no_account_of_the_backend_has_is_let_go(backend: Backend) -> None:
    other, third = strict_backend("bravo"), strict_backend("delta")
    for place in (backend, other):
        old_hashes.note(place, [bcrypt(10), argon2(8, 1), firebase(14, 8, 1)])
    member(backend, "ann", bcrypt(4))
    member(backend, "bob", "argon2$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$" + "A" * 43)
    member(other, "eve", argon2(8, 1, salt="c2FsdHNhbHQ"))
    member(other, "joe", "fbscrypt_of_another_kind$14,8,1$AAAA$")
    before = Backend.objects.values().get(pk=third.pk)
    assert old_hashes.forget() == 4
    assert kept(backend) == [bcrypt(10)]
    assert kept(other) == [argon2(8, 1)]
    assert Backend.objects.values().get(pk=third.pk) == before
    assert old_hashes.forget() == 0
    get_user_model()._default_manager.update(password="md5$salt$hash")
    assert old_hashes.forget() == 2
    assert (kept(backend), kept(other)) == ([], [])


def test_what_is_noted_meanwhile_is_not_let_go(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_hashes.note(backend, [bcrypt(10)])
    algorithm = old_hashes._algorithm

    def noted_meanwhile(kind: str) -> Any:
        Backend.objects.filter(pk=backend.pk).update(old_hashes=[bcrypt(10), firebase(14, 8, 1)])
        return algorithm(kind)

    monkeypatch.setattr(old_hashes, "_algorithm", noted_meanwhile)
    old_hashes.forget()
    assert kept(backend) == [bcrypt(10), firebase(14, 8, 1)]
