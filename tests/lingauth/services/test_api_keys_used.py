"""When an API key was last used: noted now and then, in nobody's way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError

from lingauth.core import clock
from lingauth.models import ApiKey
from lingauth.models.api_key import ApiKeyQuerySet
from lingauth.services import api_keys
from tests.lingauth.api.people import Clock
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(moved: Clock) -> ApiKey:
    new_backend()
    return ApiKey.objects.earliest("pk")


def noted(key: ApiKey) -> datetime | None:
    return ApiKey.objects.get(pk=key.pk).last_used_at


@pytest.mark.parametrize("seconds", [299, 300])
def test_a_use_is_noted_every_five_minutes(
    key: ApiKey, moved: Clock, seconds: int, django_assert_num_queries: Any
) -> None:
    other = ApiKey.objects.latest("pk")
    api_keys.touch(key)
    first = clock.now()
    assert (noted(key), noted(other)) == (first, None)
    key.refresh_from_db()
    moved.shift(seconds)
    if seconds < 300:
        with django_assert_num_queries(0):
            api_keys.touch(key)
        assert noted(key) == first
    else:
        api_keys.touch(key)
        assert noted(key) == clock.now()


def test_what_another_request_has_noted_meanwhile_is_not_noted_again(
    key: ApiKey, moved: Clock
) -> None:
    api_keys.touch(key)
    first = clock.now()
    moved.shift(299)
    api_keys.touch(key)
    assert noted(key) == first
    moved.shift(1)
    api_keys.touch(key)
    assert noted(key) == clock.now()


def test_trouble_with_noting_fails_nothing_but_what_is_no_trouble_of_the_database_does(
    key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(error: Exception) -> None:
        def touch(*_: object, **__: object) -> bool:
            raise error

        monkeypatch.setattr(ApiKeyQuerySet, "touch", touch)

    fails(DatabaseError())
    api_keys.touch(key)
    fails(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        api_keys.touch(key)
