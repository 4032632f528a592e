from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.management.base import CommandError

from lingauth.models import Backend, PolicyVersion
from lingauth.services import policy
from tests.lingauth.commands.conftest import Run

pytestmark = pytest.mark.django_db


def test_it_changes_settings_and_says_from_what_to_what(run: Run, acme: Backend) -> None:
    printed = run("set_policy", "acme", "mfa_mode=required", "mfa_grace=7d")
    acme.refresh_from_db()
    assert (acme.mfa_mode, acme.mfa_grace, acme.policy_version) == ("required", 7 * 86400, 2)
    assert "optional → required" in printed
    assert "0 → 604800" in printed


def test_the_version_names_the_command_and_can_be_restored(run: Run, acme: Backend) -> None:
    run("set_policy", "acme", "mfa_mode=observe")
    version = PolicyVersion.objects.get()
    assert version.actor_label == "manage.py set_policy"
    assert version.before == {"mfa_mode": "optional"}


def test_without_a_change_it_shows_what_holds(run: Run, acme: Backend) -> None:
    shown = dict(line.split(None, 1) for line in run("set_policy", "acme").splitlines())
    assert set(shown) == set(policy.SETTINGS)
    assert shown["mfa_mode"] == "optional"
    assert shown["signup_enabled"] == "on"
    assert shown["mfa_starts_at"] == "none"
    assert not PolicyVersion.objects.exists()


def test_what_is_shown_can_be_given_back(run: Run, acme: Backend) -> None:
    run("set_policy", "acme", "mfa_starts_at=2027-01-02T03:04", "token_claims=email")
    before = run("set_policy", "acme")
    words = [
        f"{name}={text}" for name, text in (line.split(None, 1) for line in before.splitlines())
    ]
    run("set_policy", "acme", *words)
    assert run("set_policy", "acme") == before


@pytest.mark.parametrize(
    ("word", "name", "value"),
    [
        ("auto_confirm=on", "auto_confirm", True),
        ("signup_enabled=No", "signup_enabled", False),
        ("access_token_ttl=10m", "access_token_ttl", 600),
        ("aal2_max_idle=2h", "aal2_max_idle", 7200),
        ("refresh_reuse_grace=10", "refresh_reuse_grace", 10),
        ("token_claims=none", "token_claims", []),
        ("mfa_starts_at=2027-01-01T00:00Z", "mfa_starts_at", datetime(2027, 1, 1, tzinfo=UTC)),
        ("mfa_starts_at=2027-01-01T02:00+02:00", "mfa_starts_at", datetime(2027, 1, 1, tzinfo=UTC)),
        ("mfa_starts_at=2027-01-01T00:00", "mfa_starts_at", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_values_are_read(run: Run, acme: Backend, word: str, name: str, value: object) -> None:
    run("set_policy", "acme", word)
    acme.refresh_from_db()
    assert getattr(acme, name) == value


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("mfa_mode", "is not name=value"),
        ("mfa_mood=required", "no setting 'mfa_mood'. There are: aal2_max_age"),
        ("policy_version=9", "no setting 'policy_version'"),
        ("mfa_mode=mandatory", "one of optional, observe, required, not 'mandatory'"),
        ("auto_confirm=maybe", "on or off, not 'maybe'"),
        ("mfa_grace=a week", "such as 15m or 7d, not 'a week'"),
        ("mfa_grace=-1", "not '-1'"),
        ("access_token_ttl=1m", "^access_token_ttl: .*120"),
        ("mfa_starts_at=tomorrow", "not 'tomorrow'"),
        ("mfa_starts_at=2027-02-30T00:00", "not '2027-02-30T00:00'"),
        ("token_claims=password", "^token_claims: "),
    ],
)
def test_a_wrong_word_is_said_and_changes_nothing(
    run: Run, acme: Backend, word: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run("set_policy", "acme", "mfa_grace=1d", word)
    acme.refresh_from_db()
    assert (acme.mfa_grace, acme.policy_version) == (0, 1)


def test_an_unknown_backend_is_said(run: Run) -> None:
    with pytest.raises(CommandError, match="There is none yet"):
        run("set_policy", "acme", "mfa_mode=required")
