"""What may be a password, and checking one: what it costs, and what it leaves."""

from __future__ import annotations

from typing import Any

import bcrypt
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from pytest_django import Settings

from lingauth.core.errors import ValidationFailed, WeakPassword
from lingauth.models import Backend
from lingauth.services import passwords
from lingauth.services.imported_hashes import to_django
from tests.support.hashes import FIREBASE

BACKEND = Backend(ref="acme", name="Acme Tools", password_min_length=8)
EMAIL = "Ann.Smith@example.com"
HERS = "correct horse battery"
COMPOSED, DECOMPOSED = "caf\u00e9 au lait", "cafe\u0301 au lait"
OTHER_KIND = "bcrypt$$2b$04$" + "." * 53
"""A hash that no password has, of a kind that some accounts of a backend brought."""


class Refuses:
    """A host's own validator."""

    def validate(self, password: str, user: object = None) -> None:
        if "horse" in password:
            raise ValidationError(["No horses here.", "Nor batteries."])


def user_with(stored: str) -> Any:
    return get_user_model()._default_manager.create(username="ann", password=stored)


def brought(password: bytes) -> str:
    """A bcrypt hash made elsewhere."""
    return f"bcrypt${bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()}"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is hashed or compared: the text, and against what."""
    done: list[tuple[str, str]] = []

    def making(password: str) -> str:
        done.append((password, "new"))
        return make_password(password)

    def checking(password: str, encoded: str, **how: Any) -> bool:
        done.append((password, encoded))
        return check_password(password, encoded, **how)

    monkeypatch.setattr(passwords, "make_password", making)
    monkeypatch.setattr(passwords, "check_password", checking)
    return done


@pytest.mark.parametrize("password", ["", None, 5, b"bytes", "nul\x00inside"])
def test_what_no_password_can_be(password: object) -> None:
    with pytest.raises(ValidationFailed, match=r"\ASignup requires a valid password\Z"):
        passwords.normalise(password)


def test_256_characters_are_the_most() -> None:
    assert passwords.normalise("x" * 256) == "x" * 256
    with pytest.raises(ValidationFailed, match=r"\AA password has at most 256 characters\.\Z"):
        passwords.normalise("x" * 257)


def test_a_password_is_composed_and_otherwise_as_it_was_typed() -> None:
    assert passwords.normalise(DECOMPOSED) == COMPOSED
    assert passwords.normalise("  \ufb01ne Pass \u00df ") == "  \ufb01ne Pass \u00df "


def weakness(password: str) -> tuple[str, list[str]] | None:
    found = passwords.weakness(password, backend=BACKEND, email=EMAIL)
    return (found.message, found.reasons) if found else None


def test_the_backend_says_how_long_it_has_to_be() -> None:
    message = "Password should be at least 8 characters."
    assert weakness("kx7!pq2") == (message, ["length"])
    assert weakness("kx7!pq2z") is None
    strict = Backend(name="Acme", password_min_length=64)
    assert passwords.weakness("kx7!pq2z" * 8, backend=strict, email=EMAIL) is None
    with pytest.raises(WeakPassword, match="at least 64 characters") as refused:
        passwords.check_strength("kx7!pq2" * 9, backend=strict, email=EMAIL)
    assert refused.value.details == {"reasons": ["length"]}


@pytest.mark.parametrize(
    "password",
    [
        "ann.smith@example.com",
        "ANN.Smith@Example.com",
        "Ann.Smith@example.com2024!",
        "ann.smith",
        "Ann.Smith1",
        "ANN.SMITH0123456789!",
        "acme tools",
        "Acme Tools!!",
        "Password",
        "passwort2026!",
        "LingAuth1",
        "lingauth",
    ],
)
def test_what_tells_of_the_person_or_the_backend_is_easy_to_guess(password: str) -> None:
    assert weakness(password) == ("This password is easy to guess.", ["pwned"])


@pytest.mark.parametrize(
    "password", ["1ann.smith", "ann.smith?", "acme tools xx", "smith@example.com", "example.com"]
)
def test_what_merely_contains_it_is_not(password: str) -> None:
    assert weakness(password) is None


def test_the_name_of_an_address_ends_at_its_last_at() -> None:
    """As a quoted one may have another in it (RFC 5321, 4.1.2)."""
    email = '"ann@home"@example.com'
    assert passwords.weakness('"ann@home"1', backend=BACKEND, email=email) is not None
    assert passwords.weakness('"ann2026!', backend=BACKEND, email=email) is None


@pytest.mark.parametrize("password", ["rochester", "12345qwert", "NewCastle"])
def test_a_common_one_is_refused_whatever_the_host_asks_for(
    password: str, settings: Settings
) -> None:
    settings.AUTH_PASSWORD_VALIDATORS = []
    assert weakness(password) == ("This password is too common.", ["pwned"])


def test_the_hosts_validators_are_asked_and_all_that_they_say_is_told(settings: Settings) -> None:
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": f"{__name__}.Refuses"}]
    assert weakness(HERS) == ("No horses here. Nor batteries.", ["pwned"])
    assert weakness("quite another one") is None


@pytest.mark.django_db
def test_the_right_one_is_compared_once(work: list[tuple[str, str]]) -> None:
    user = user_with(make_password(HERS))
    stored = user.password
    assert passwords.matches(user, HERS, given=HERS, old_hashes=[OTHER_KIND]) is True
    assert work == [(HERS, stored)]
    user.refresh_from_db()
    assert user.password == stored


@pytest.mark.django_db
@pytest.mark.parametrize("given", [None, COMPOSED, 5])
def test_a_wrong_one_is_compared_once_with_each_kind(
    work: list[tuple[str, str]], given: object
) -> None:
    user = user_with(make_password(HERS))
    assert passwords.matches(user, COMPOSED, given=given, old_hashes=[OTHER_KIND]) is False
    assert work == [(COMPOSED, user.password), (COMPOSED, OTHER_KIND)]


def test_nobody_has_none_and_the_work_is_done(work: list[tuple[str, str]]) -> None:
    assert passwords.matches(None, HERS, old_hashes=[OTHER_KIND]) is False
    assert work == [(HERS, "new"), (HERS, OTHER_KIND)]
    work.clear()
    assert passwords.matches(None, COMPOSED, given=DECOMPOSED) is False
    assert work == [(COMPOSED, "new"), (DECOMPOSED, "new")]


@pytest.mark.django_db
def test_an_old_hash_has_the_new_one_beside_it(work: list[tuple[str, str]]) -> None:
    """Whether its kind is known to the backend or not yet."""
    user = user_with(brought(b"hers"))
    for olds in ([], [OTHER_KIND]):
        work.clear()
        assert passwords.matches(user, HERS, old_hashes=olds) is False
        assert work == [(HERS, user.password), (HERS, "new")]


@pytest.mark.django_db
def test_firebases_is_an_old_hash_too(work: list[tuple[str, str]]) -> None:
    user = user_with(to_django(FIREBASE.hash))
    assert passwords.matches(user, HERS) is False
    assert work == [(HERS, user.password), (HERS, "new")]


@pytest.mark.django_db
def test_an_old_hash_is_replaced_by_one_of_the_composed_text() -> None:
    user = user_with(brought(DECOMPOSED.encode()))
    assert not passwords.matches(user, COMPOSED)
    assert passwords.matches(user, COMPOSED, given=DECOMPOSED)
    stored = get_user_model()._default_manager.get().password
    assert (user.password, stored[:4]) == (stored, "md5$")
    assert check_password(COMPOSED, stored)
    assert not check_password(DECOMPOSED, stored)


@pytest.mark.django_db
@pytest.mark.parametrize(("length", "replaced"), [(72, True), (73, False)])
def test_bcrypts_72_bytes_are_not_taken_for_more(length: int, replaced: bool) -> None:
    """Of a longer password only the beginning was compared. A letter may be two bytes."""
    text = "\u00e9" * 36 + "x" * (length - 72)
    user = user_with(brought(text.encode()[:72]))
    before = user.password
    assert passwords.matches(user, text)
    assert (user.password != before) is replaced
    assert (get_user_model()._default_manager.get().password != before) is replaced


@pytest.mark.django_db
def test_other_kinds_have_no_such_bound(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
    ]
    long = "x" * 100
    user = user_with(make_password(long, hasher="pbkdf2_sha1"))
    assert passwords.matches(user, long)
    assert get_user_model()._default_manager.get().password.startswith("md5$")


@pytest.mark.django_db
def test_a_password_that_was_changed_meanwhile_does_not_come_back() -> None:
    user = user_with(brought(HERS.encode()))
    bystander = get_user_model()._default_manager.create(username="bob", password=user.password)
    get_user_model()._default_manager.filter(pk=user.pk).update(password="changed")
    assert passwords.matches(user, HERS)
    user.refresh_from_db()
    assert user.password == "changed"
    assert get_user_model()._default_manager.get(pk=bystander.pk).password == bystander.password
