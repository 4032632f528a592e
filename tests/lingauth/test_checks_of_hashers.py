"""Hashes that were brought along need their hasher, and it its package: said at the start."""

from __future__ import annotations

import pytest
from django.core.checks import Tags, run_checks
from pytest_django import Settings

from lingauth import checks
from lingauth.services.backends import NewBackend
from tests.lingauth.api.people import create
from tests.support.people import Person

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ARGON2ID = "lingauth.hashers.Argon2idHasher"
BCRYPT = "lingauth.hashers.BcryptHasher"


def ids(tag: str, databases: list[str] | None = None) -> set[str]:
    found = run_checks(tags=[tag], databases=databases)
    return {message.id or "" for message in found if (message.id or "").startswith("lingauth.")}


@pytest.fixture
def made() -> NewBackend:
    return create("acme")


def test_a_bcrypt_hasher_without_its_package(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PASSWORD_HASHERS = [ARGON2ID, BCRYPT]
    assert "lingauth.W004" not in ids(Tags.security)
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    assert "lingauth.W004" in ids(Tags.security)
    settings.PASSWORD_HASHERS = [ARGON2ID]
    assert "lingauth.W004" not in ids(Tags.security)


def test_an_imported_hash_whose_hasher_was_taken_away(made: NewBackend, settings: Settings) -> None:
    user = Person.sign_up(made.backend).account.user
    settings.PASSWORD_HASHERS = [ARGON2ID]
    assert ids(Tags.database, ["default"]) == set()
    user.password = "bcrypt$$2b$04$"
    user.save()
    assert ids(Tags.database, ["default"]) == {"lingauth.W005"}
    settings.PASSWORD_HASHERS = [ARGON2ID, BCRYPT]
    assert ids(Tags.database, ["default"]) == set()
