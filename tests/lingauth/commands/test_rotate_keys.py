from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management.base import CommandError

from lingauth.core import clock
from lingauth.models import Backend, SigningKey
from lingauth.services import keys
from lingauth.services.context import Actor
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


def test_the_list_tells_what_each_key_is_for(run: Run, acme: Backend) -> None:
    [first] = kids(acme)
    run("rotate_keys", "acme", "--now")
    run("rotate_keys", "acme")
    run("rotate_keys", "acme", "--revoke", first)
    blocks = run("list_signing_keys", "acme").strip().split("\n\n")
    states = [dict(line.rsplit(None, 1) for line in block.splitlines()) for block in blocks]
    assert [row["state"] for row in states] == ["published", "signs", "retiring", "revoked"]
    assert states[-1]["kid"] == first


def test_a_keys_name_is_no_option(acme: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in sixty-four begins with a dash, which ``--revoke`` could not be given."""
    names = iter(["-abc", "abc"])
    monkeypatch.setattr(keys, "_thumbprint", lambda public: next(names))
    assert keys.rotate(backend=acme, actor=Actor.system("tests")).kid == "abc"
