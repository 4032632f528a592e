"""What the environment may say, and the sentence for what it may not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from project import environment


def test_the_secret_key_comes_from_the_environment_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("f" * 50 + "\n")
    monkeypatch.delenv("LINGAUTH_SECRET_KEY")
    assert environment.secret_key(tmp_path / "key") == "f" * 50
    monkeypatch.setenv("LINGAUTH_SECRET_KEY", "e" * 50)
    assert environment.secret_key(tmp_path / "key") == "e" * 50


@pytest.mark.parametrize("given", ["", "short"])
def test_there_is_no_secret_key_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("LINGAUTH_SECRET_KEY", given)
    with pytest.raises(ImproperlyConfigured, match="Set LINGAUTH_SECRET_KEY"):
        environment.secret_key(tmp_path / "none")


def test_sqlite_waits_for_its_lock_at_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    config = environment.database("sqlite:////tmp/a.sqlite3")
    assert config["NAME"] == "/tmp/a.sqlite3"
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in config["OPTIONS"]["init_command"]


def test_postgresql_keeps_its_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db.example.com/auth?sslmode=require")
    config = environment.database("sqlite:///unused")
    assert (config["HOST"], config["NAME"], config["CONN_MAX_AGE"]) == (
        "db.example.com",
        "auth",
        None,
    )
    assert config["OPTIONS"]["server_side_binding"] is True
    assert config["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("url", ["auth.sqlite3", "redis://localhost/0", "postgresql://h:port/x"])
def test_a_wrong_database_address_is_said_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is an address such as") as error:
        environment.database("sqlite:///unused")
    assert url not in str(error.value)


def test_lists_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "a.example, b.example  c.example,")
    assert environment.words("X") == ["a.example", "b.example", "c.example"]
    monkeypatch.setenv("X", "2")
    assert environment.whole("X", 0) == 2
    monkeypatch.setenv("X", "")
    assert environment.whole("X", 7) == 7
    monkeypatch.setenv("X", "-1")
    with pytest.raises(ImproperlyConfigured, match="X is a whole number from 0"):
        environment.whole("X", 0)


def test_mail_goes_to_files_unless_a_server_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LINGAUTH_EMAIL_URL", raising=False)
    assert environment.email(tmp_path)["EMAIL_FILE_PATH"] == str(tmp_path)
    monkeypatch.setenv("LINGAUTH_EMAIL_URL", "smtp://me:p%40ss@mail.example.com")
    config = environment.email(tmp_path)
    assert (config["EMAIL_HOST"], config["EMAIL_PORT"]) == ("mail.example.com", 587)
    assert config["EMAIL_HOST_PASSWORD"] == "p@ss"
    assert config["EMAIL_USE_TLS"] is True
    monkeypatch.setenv("LINGAUTH_EMAIL_URL", "smtps://mail.example.com")
    assert environment.email(tmp_path)["EMAIL_PORT"] == 465
    monkeypatch.setenv("LINGAUTH_EMAIL_URL", "mail.example.com")
    with pytest.raises(ImproperlyConfigured, match="LINGAUTH_EMAIL_URL is an address"):
        environment.email(tmp_path)


TOKEN = "t" * 32


def test_metrics_are_off_unless_an_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINGAUTH_METRICS", raising=False)
    monkeypatch.setenv("LINGAUTH_METRICS_TOKEN", TOKEN)
    assert environment.metrics() == ("", "")
    monkeypatch.setenv("LINGAUTH_METRICS", "/metrics")
    assert environment.metrics() == ("/metrics", TOKEN)


@pytest.mark.parametrize("path", ["metrics", "/", "/b", "/b/shop/metrics", "/healthz", "/a b", "1"])
def test_metrics_have_an_address_of_their_own(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("LINGAUTH_METRICS", path)
    monkeypatch.setenv("LINGAUTH_METRICS_TOKEN", TOKEN)
    with pytest.raises(ImproperlyConfigured, match="LINGAUTH_METRICS is an address of one part"):
        environment.metrics()


@pytest.mark.parametrize("token", ["", "t" * 31, "ü" * 32])
def test_metrics_are_never_public(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("LINGAUTH_METRICS", "/metrics")
    monkeypatch.setenv("LINGAUTH_METRICS_TOKEN", token)
    with pytest.raises(ImproperlyConfigured, match="Set LINGAUTH_METRICS_TOKEN to 32") as error:
        environment.metrics()
    assert not token or token not in str(error.value)


def test_no_address_of_the_site_can_be_the_metrics() -> None:
    """Each first part of an address that the site has."""
    firsts = {str(part.pattern).partition("/")[0] for part in addresses(get_resolver())}
    assert {f"/{first}" for first in firsts if first} <= set(environment._TAKEN)


def addresses(resolver: URLResolver) -> Iterator[URLPattern | URLResolver]:
    """The patterns at the top, and those that are included there under no prefix."""
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver) and not str(part.pattern):
            yield from addresses(part)
        else:
            yield part


def test_the_log_has_one_of_two_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINGAUTH_LOG_FORMAT", raising=False)
    assert environment.log_format() == "line"
    monkeypatch.setenv("LINGAUTH_LOG_FORMAT", "json")
    assert environment.log_format() == "json"
    monkeypatch.setenv("LINGAUTH_LOG_FORMAT", "xml")
    with pytest.raises(ImproperlyConfigured, match="LINGAUTH_LOG_FORMAT is line or json"):
        environment.log_format()
