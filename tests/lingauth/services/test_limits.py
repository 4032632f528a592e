"""What a counter of wrong guesses survives."""

from __future__ import annotations

import pytest
from django.test import override_settings

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
