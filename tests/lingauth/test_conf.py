"""The settings, and the checks that look at them before the first request."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from lingauth import checks, conf
from lingauth.conf import load
from lingauth.core.crypto import DecryptionFailed

OLD, NEW = "o" * 32, "n" * 32


def test_every_setting_has_a_default() -> None:
    settings = load({})
    assert settings.SITE_URL == "http://127.0.0.1:8000"
    assert settings.TRUSTED_PROXIES == 0
    assert (settings.host, settings.is_https) == ("127.0.0.1", False)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://auth.example.com", "https://auth.example.com"),
        ("https://auth.example.com/", "https://auth.example.com"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://example.com/auth/", "https://example.com/auth"),
    ],
)
def test_the_address_of_the_site(given: str, kept: str) -> None:
    assert kept == load({"SITE_URL": given}).SITE_URL


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SITE_URL": "auth.example.com"}, "SITE_URL"),
        ({"SITE_URL": "ftp://example.com"}, "SITE_URL"),
        ({"SITE_URL": "https://"}, "SITE_URL"),
        ({"SITE_URL": "https://example.com?a=b"}, "SITE_URL"),
        ({"SITE_URL": None}, "SITE_URL"),
        ({"SECRET_KEYS": ["short"]}, "SECRET_KEYS"),
        ({"SECRET_KEYS": [OLD, "short"]}, "SECRET_KEYS"),
        ({"SECRET_KEYS": [OLD.encode()]}, "SECRET_KEYS"),
        ({"SECRET_KEYS": OLD}, "SECRET_KEYS"),
        ({"TRUSTED_PROXIES": -1}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "1"}, "TRUSTED_PROXIES"),
        ({"HASH_CONCURRENCY": 1.5}, "HASH_CONCURRENCY"),
        ({"MAIL_DELIVERY": "sometimes"}, "background, inline, queue"),
        ({"PROVIDER_PRIVATE_NETWORKS": "yes"}, "True or False"),
        ({"MAILS_PER_IP": 0}, "MAILS_PER_IP"),
        ({"MAILS_PER_BACKEND": "1000"}, "MAILS_PER_BACKEND"),
        ({"SITEURL": "x"}, "SITEURL"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        load(given)


def test_a_setting_that_does_not_exist_is_told_which_do() -> None:
    with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
        load({"SITE_URI": "x"})


def test_a_change_is_seen_at_once(settings: Settings) -> None:
    settings.LINGAUTH = {"SITE_URL": "https://one.example.com"}
    assert conf.settings.SITE_URL == "https://one.example.com"
    settings.LINGAUTH = {"SITE_URL": "https://two.example.com/"}
    assert conf.settings.SITE_URL == "https://two.example.com"
    assert conf.settings.is_https


def test_roots_are_djangos_unless_named(settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    settings.LINGAUTH = {}
    assert list(conf.settings.keychain.roots) == [NEW.encode(), OLD.encode()]
    settings.LINGAUTH = {"SECRET_KEYS": ["x" * 32]}
    assert list(conf.settings.keychain.roots) == [b"x" * 32]


def test_roots_can_be_rotated(settings: Settings) -> None:
    settings.LINGAUTH = {"SECRET_KEYS": [OLD]}
    sealed = conf.settings.keychain.encrypt("p", b"secret", bound_to=b"row")
    settings.LINGAUTH = {"SECRET_KEYS": [NEW, OLD]}
    assert conf.settings.keychain.decrypt("p", sealed, bound_to=b"row") == b"secret"
    settings.LINGAUTH = {"SECRET_KEYS": [NEW]}
    with pytest.raises(DecryptionFailed):
        conf.settings.keychain.decrypt("p", sealed, bound_to=b"row")


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


def test_the_project_itself_has_nothing_to_complain_of() -> None:
    assert ids(checks.check_settings()) == []
    assert ids(checks.check_hosts()) == []


@pytest.mark.parametrize(
    ("given", "id"),
    [
        ({"SITE_URL": "x"}, "lingauth.E001"),
        ({"SITE_URL": "https://a.example", "USER_FACTORY": "no.such.function"}, "lingauth.E002"),
        ({"SITE_URL": "https://a.example", "USER_FACTORY": "nothing"}, "lingauth.E002"),
        ({}, "lingauth.W001"),
    ],
)
def test_settings_are_checked(settings: Settings, given: dict[str, Any], id: str) -> None:
    settings.LINGAUTH = given
    found = checks.check_settings()
    assert ids(found) == [id]
    assert found[0].hint or id == "lingauth.E001"


@pytest.mark.parametrize("app", ["django_otp", "rest_framework"])
def test_what_we_build_on_is_checked(app: str) -> None:
    # Only the list is looked at: taking an app out for real would undo the models.
    installed = [name for name in django_settings.INSTALLED_APPS if name != app]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(checks, "django_settings", _With(INSTALLED_APPS=installed))
        assert ids(checks.check_hosts()) == ["lingauth.E003"]


def test_a_deferred_sqlite_is_warned_about() -> None:
    database = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(checks, "django_settings", _With(DATABASES={"default": database}))
        assert ids(checks.check_hosts()) == ["lingauth.W002"]
        database["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}
        assert ids(checks.check_hosts()) == []


class _With:
    """Django's settings with some replaced, for the eyes of the checks alone."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        return getattr(django_settings, name)
