"""The settings of the app: one typed, validated object, read from Django's ``LINGAUTH``.

Use ``from lingauth.conf import settings`` and read an attribute.
``override_settings(LINGAUTH=…)`` works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from lingauth.core.crypto import Keychain

MAIL_DELIVERIES = ("background", "inline", "queue")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default."""

    SITE_URL: str = "http://127.0.0.1:8000"
    """Where this installation is reached. Links, issuers and cookie rules come from it, never from
    a request's ``Host``."""

    SECRET_KEYS: tuple[str, ...] = ()
    """Root secrets, newest first. Empty: Django's ``SECRET_KEY`` and ``SECRET_KEY_FALLBACKS``."""

    USER_FACTORY: str = "lingauth.services.users.create_user"
    """Dotted path of the function that makes a host user for a new account."""

    TRUSTED_PROXIES: int = 0
    """How many proxies in front append to ``X-Forwarded-For``. 0: the header is not believed."""

    HASH_CONCURRENCY: int = 1
    """Password hashes computed at once in a process, each on 19 MiB: one, where there is a process
    for each core."""

    HASH_QUEUE: int = 7
    """Requests that may wait for their turn to hash, in a process: fewer than its threads, so that
    others go on being served. What comes beyond is answered 503 at once."""

    HASH_WAIT: float = 5.0
    """Seconds a request waits for its turn to hash, before it is answered 503."""

    PROVIDER_PRIVATE_NETWORKS: bool = False
    """Whether sign-in providers may be in private networks, and speak plain HTTP: for development,
    and for a provider beside this server. Else operators could look into our network through us."""

    MAIL_DELIVERY: str = "background"
    """Who sends the mail that waits: ``background``, a thread of the process that caused it;
    ``queue``, only ``manage.py deliver_mail``; ``inline``, the request itself, which then waits for
    the mail server and tells by its time whether there was a mail to send: for tests.
    ``background`` is ``inline`` where Django's test runner keeps mail in memory."""

    WRONG_PASSWORDS_PER_IP: int = 30
    """Wrong passwords a minute from one network address at one backend (IPv6: one /64), whomever
    they are tried on. Beyond, none from there is looked at until the minute is over."""

    MAILS_PER_IP: int = 30
    """Mails an hour that one network address may cause at one backend (IPv6: one /64)."""

    MAILS_PER_BACKEND: int = 1000
    """Mails an hour that anybody may cause at one backend, all of them together."""

    @property
    def is_https(self) -> bool:
        """Whether cookies are marked Secure."""
        return self.SITE_URL.startswith("https://")

    @property
    def host(self) -> str:
        """The site's host name, for people: what an authenticator app shows by default."""
        return urlsplit(self.SITE_URL).hostname or "localhost"

    @property
    def keychain(self) -> Keychain:
        """The root secrets as bytes."""
        roots = self.SECRET_KEYS or (
            django_settings.SECRET_KEY,
            *django_settings.SECRET_KEY_FALLBACKS,
        )
        return Keychain(tuple(root.encode() for root in roots))


def load(given: Mapping[str, Any]) -> Settings:
    """The settings in a dictionary. Raises ImproperlyConfigured, naming what is wrong."""
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(set(given) - known):
        raise ImproperlyConfigured(
            f"LINGAUTH has no setting {unknown[0]!r}. It has: {', '.join(sorted(known))}."
        )
    values = dict(given)
    if "SECRET_KEYS" in values:
        values["SECRET_KEYS"] = tuple(values["SECRET_KEYS"])
        if any(not isinstance(key, str) or len(key) < 32 for key in values["SECRET_KEYS"]):
            raise ImproperlyConfigured("Each of LINGAUTH['SECRET_KEYS'] needs 32 characters.")
    if "SITE_URL" in values:
        values["SITE_URL"] = _site_url(values["SITE_URL"])
    for name in ("TRUSTED_PROXIES", "HASH_CONCURRENCY", "HASH_QUEUE"):
        if name in values and (not isinstance(values[name], int) or values[name] < 0):
            raise ImproperlyConfigured(f"LINGAUTH[{name!r}] is a whole number from 0.")
    if not isinstance(values.get("PROVIDER_PRIVATE_NETWORKS", False), bool):
        raise ImproperlyConfigured("LINGAUTH['PROVIDER_PRIVATE_NETWORKS'] is True or False.")
    for name in ("WRONG_PASSWORDS_PER_IP", "MAILS_PER_IP", "MAILS_PER_BACKEND"):
        if name in values and (not isinstance(values[name], int) or values[name] < 1):
            raise ImproperlyConfigured(f"LINGAUTH[{name!r}] is a whole number from 1.")
    if values.get("MAIL_DELIVERY", "queue") not in MAIL_DELIVERIES:
        choices = ", ".join(MAIL_DELIVERIES)
        raise ImproperlyConfigured(f"LINGAUTH['MAIL_DELIVERY'] is one of {choices}.")
    return Settings(**values)


def _site_url(value: object) -> str:
    url = str(value).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ImproperlyConfigured(
            "LINGAUTH['SITE_URL'] is an address such as https://auth.example.com."
        )
    return url


class _LazySettings:
    """Loads on first use, and again after the tests changed something."""

    _loaded: Settings | None = None

    def __getattr__(self, name: str) -> Any:
        if self._loaded is None:
            self._loaded = load(getattr(django_settings, "LINGAUTH", {}))
        return getattr(self._loaded, name)

    def forget(self) -> None:
        self._loaded = None


_lazy = _LazySettings()
settings: Settings = _lazy  # type: ignore[assignment]  # the same attributes, loaded late


def _on_change(*, setting: str, **_: object) -> None:
    if setting in ("LINGAUTH", "SECRET_KEY", "SECRET_KEY_FALLBACKS"):
        _lazy.forget()


setting_changed.connect(_on_change, dispatch_uid="lingauth.conf")
