from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management.base import CommandError

from lingauth.core import clock
from lingauth.models import Backend, SigningKey
from lingauth.services import keys
from tests.lingauth.commands.conftest import Run

pytestmark = pytest.mark.django_db


def kids(backend: Backend) -> list[str]:
    return [key["kid"] for key in keys.jwks(backend=backend)["keys"]]


def test_a_new_key_is_published_before_it_signs(run: Run, acme: Backend) -> None:
    [old] = kids(acme)
    run("rotate_keys", "acme")
    assert len(kids(acme)) == 2
    new = SigningKey.objects.exclude(kid=old).get()
    assert new.activates_at > clock.now() + timedelta(minutes=4)
    acme.refresh_from_db()
    assert acme.keys_version == 2


def test_now_lets_it_sign_at_once(run: Run, acme: Backend) -> None:
    [old] = kids(acme)
    printed = run("rotate_keys", "acme", "--now")
    new = SigningKey.objects.exclude(kid=old).get()
    assert new.activates_at <= clock.now()
    assert new.kid in printed


def test_revoke_takes_a_key_away_at_once(run: Run, acme: Backend) -> None:
    [leaked] = kids(acme)
    run("rotate_keys", "acme", "--revoke", leaked)
    [left] = kids(acme)
    assert left != leaked


def test_an_unknown_key_is_said(run: Run, acme: Backend) -> None:
    with pytest.raises(CommandError, match="no such signing key"):
        run("rotate_keys", "acme", "--revoke", "nope")
    assert len(kids(acme)) == 1


def test_an_unknown_backend_is_said(run: Run) -> None:
    with pytest.raises(CommandError, match="no backend 'acme'"):
        run("rotate_keys", "acme")
