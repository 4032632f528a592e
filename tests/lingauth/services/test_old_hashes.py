"""A refused sign-in costs the same whoever is asked for, also while accounts have old hashes."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from pytest_django import Settings

from lingauth.core.errors import InvalidCredentials
from lingauth.hashers import Argon2idHasher, BcryptHasher
from lingauth.models import Backend
from lingauth.services import access, old_hashes, purge, signin
from lingauth.services.imported_hashes import to_django
from tests.support.hashes import ARGON2ID, BCRYPT, FIREBASE
from tests.support.people import CLIENT, Person, new_backend

pytestmark = [pytest.mark.django_db, pytest.mark.once]

OLD = to_django(BCRYPT.hash)


@pytest.fixture
def backend() -> Backend:
    return new_backend().backend


@pytest.fixture
def work(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that were computed, by kind."""
    settings.PASSWORD_HASHERS = [
        "lingauth.hashers.Argon2idHasher",
        "lingauth.hashers.BcryptHasher",
    ]
    done: list[str] = []
    for hasher, name in ((Argon2idHasher, "encode"), (Argon2idHasher, "verify")):
        monkeypatch.setattr(hasher, name, _noted(done, "argon2", getattr(hasher, name)))
    monkeypatch.setattr(BcryptHasher, "verify", _noted(done, "bcrypt", BcryptHasher.verify))
    return done


def _noted(done: list[str], kind: str, compute: Any) -> Any:
    def noted(*arguments: Any) -> Any:
        done.append(kind)
        return compute(*arguments)

    return noted


def _bring_along(backend: Backend, person: Person) -> None:
    old_hashes.note(backend, [OLD])
    user = person.account.user
    user.password = OLD
    user.save()


def _refused(backend: Backend, email: str, password: str = "not this one") -> None:
    with pytest.raises(InvalidCredentials):
        signin.with_password(
            read=lambda key: access.read(ref=backend.ref, email_key=key),
            email=email,
            password=password,
            client=CLIENT,
        )


def test_the_work_is_the_same_for_old_and_new_accounts_and_for_nobody(
    backend: Backend, work: list[str]
) -> None:
    new, old = Person.sign_up(backend), Person.sign_up(backend)
    _bring_along(backend, old)
    for email in (new.email, old.email, "nobody@example.com"):
        for password, rounds in (("not this one", 1), ("not thi\u0301s one", 2)):
            work.clear()
            _refused(backend, email, password)
            assert sorted(work) == ["argon2"] * rounds + ["bcrypt"] * rounds, email


def test_a_backend_without_old_hashes_does_no_more_than_before(
    backend: Backend, work: list[str]
) -> None:
    new = Person.sign_up(backend)
    for email in (new.email, "nobody@example.com"):
        work.clear()
        _refused(backend, email)
        assert work == ["argon2"]


def test_the_costliest_of_each_algorithm_is_kept_and_it_is_nobodys_hash(backend: Backend) -> None:
    dearer = OLD.replace("$04$", "$05$")
    old_hashes.note(backend, [dearer, OLD, to_django(ARGON2ID.hash), to_django(FIREBASE.hash)])
    old_hashes.note(backend, [OLD])
    backend.refresh_from_db()
    assert [kind[:14] for kind in backend.old_hashes] == [
        "argon2$argon2i",
        "bcrypt$$2b$05$",
        "fbscrypt$14,8,",
    ]
    for kind, known in zip(backend.old_hashes, (ARGON2ID, BCRYPT, FIREBASE), strict=True):
        assert not check_password(known.password, kind)
        assert old_hashes.kind_of(kind) == kind


def test_it_is_forgotten_when_the_last_of_them_was_here(backend: Backend, work: list[str]) -> None:
    old = Person.sign_up(backend)
    _bring_along(backend, old)
    purge.purge()
    backend.refresh_from_db()
    assert backend.old_hashes == [old_hashes.kind_of(OLD)]
    old.sign_in(BCRYPT.password)
    purge.purge()
    backend.refresh_from_db()
    assert backend.old_hashes == []
