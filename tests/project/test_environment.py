"""What the environment may say, and the sentence for what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

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
