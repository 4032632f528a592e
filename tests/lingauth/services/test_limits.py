"""What a counter of wrong guesses survives."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import override_settings

from lingauth.core import clock, guesses
from lingauth.models import Account
from lingauth.services import limits
from lingauth.services.backends import NewBackend
from tests.support.app import App

OLD, NEW = "o" * 40, "n" * 40


def rooted(*keys: str) -> override_settings:
    return override_settings(LINGAUTH={"SITE_URL": "http://testserver", "SECRET_KEYS": keys})


@pytest.mark.parametrize("fallbacks", [(OLD,), ()])
def test_a_new_root_secret_sets_no_counter_back(app: App, fallbacks: tuple[str, ...]) -> None:
    body = {"email": "nobody@example.com", "password": "a wrong guess"}
    with rooted(OLD):
        for _ in range(10):
            app.auth("POST", "token?grant_type=password", body, anonymous=True)
    with rooted(NEW, *fallbacks):
        answer = app.auth("POST", "token?grant_type=password", body, anonymous=True)
    assert answer.status_code == 429


@pytest.mark.django_db(transaction=True)
def test_a_guess_at_an_account_that_was_deleted_meanwhile_counts_for_its_address(
    app: App, made: NewBackend
) -> None:
    app.sign_up("ann@example.com")
    read = Account.objects.get()
    read.user.delete()
    claim = partial(limits.claim, guesses.PASSWORD, backend=made.backend, now=clock.now())
    assert claim(subject="ann@example.com", account=read).number == 1
    assert claim(subject="ann@example.com", account=None).number == 2
