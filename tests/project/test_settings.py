"""The project's settings in processes of their own, as a server would load them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.once
SECRET = "s3cret-" + "aZ09_-" * 10


def manage(var: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("LINGAUTH_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *arguments],
        cwd=ROOT,
        env=environment | {"LINGAUTH_VAR": str(var)} | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def setting(var: Path, expression: str, **given: str) -> str:
    code = f"from django.conf import settings; print({expression})"
    return manage(
        var, "shell", "--verbosity=0", "-c", code, LINGAUTH_SECRET_KEY=SECRET, **given
    ).stdout.strip()


def test_without_a_secret_key_nothing_starts(tmp_path: Path) -> None:
    ended = manage(tmp_path, "check")
    assert ended.returncode != 0
    assert "Set LINGAUTH_SECRET_KEY to 50 or more random characters" in ended.stderr


def test_the_deployment_check_is_clean_behind_https(tmp_path: Path) -> None:
    ended = manage(
        tmp_path,
        "check",
        "--deploy",
        "--fail-level=WARNING",
        LINGAUTH_SECRET_KEY=SECRET,
        LINGAUTH_SITE_URL="https://auth.example.com",
    )
    assert ended.returncode == 0, ended.stderr
    assert "no issues" in ended.stdout


def test_there_is_no_debug_mode(tmp_path: Path) -> None:
    assert setting(tmp_path, "settings.DEBUG", DEBUG="1", DJANGO_DEBUG="1") == "False"


def test_cookies_are_bound_to_the_host_behind_https(tmp_path: Path) -> None:
    names = (
        "settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_SECURE"
    )
    shown = setting(tmp_path, names, LINGAUTH_SITE_URL="https://auth.example.com")
    assert shown == "__Host-console __Host-csrf True"


def test_the_sites_own_host_is_allowed(tmp_path: Path) -> None:
    hosts = setting(
        tmp_path, "settings.ALLOWED_HOSTS", LINGAUTH_SITE_URL="https://auth.example.com"
    )
    assert hosts == "['auth.example.com', '127.0.0.1', 'localhost']"


def test_a_forwarded_scheme_is_believed_only_behind_a_proxy(tmp_path: Path) -> None:
    header = "settings.SECURE_PROXY_SSL_HEADER"
    assert setting(tmp_path, header) == "None"
    assert "X_FORWARDED_PROTO" in setting(tmp_path, header, LINGAUTH_TRUSTED_PROXIES="1")
