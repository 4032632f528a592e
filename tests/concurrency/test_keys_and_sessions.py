"""One session at a time, and API keys, when several act at the same moment."""

from __future__ import annotations

import time
from functools import partial
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from lingauth.core import clock
from lingauth.core.assurance import Method
from lingauth.models import ApiKey, Backend, Session
from lingauth.models import Event as Row
from lingauth.services import api_keys, policy, signin
from lingauth.services.grants import Grant
from tests.concurrency.together import codes, together
from tests.support.people import ACTOR, CLIENT, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

WAYS = 8


@pytest.mark.parametrize("round_", range(3))
def test_of_many_sign_ins_at_once_one_session_stays(backend: Backend, round_: int) -> None:
    policy.change(backend_id=backend.pk, changes={"single_session": True}, actor=ACTOR)
    account = Person.sign_up(backend).account
    account.backend = Backend.objects.get(pk=backend.pk)

    def sign_in() -> Grant:
        """Without a password, whose counter would let them in one by one."""
        return signin.start(
            account.backend, account, method=Method.MAGICLINK, client=CLIENT, now=clock.now()
        )

    assert codes(together([sign_in] * WAYS)) == {"ok": WAYS}
    [left] = Session.objects.filter(ended_at=None)
    ended = Session.objects.exclude(pk=left.pk)
    assert set(ended.values_list("end_reason", flat=True)) == {"newer_login"}
    assert sum(event.data.get("ended", 0) for event in Row.objects.all()) == WAYS


def test_a_key_is_replaced_once(backend: Backend) -> None:
    key = ApiKey.objects.get(backend=backend, role="service")
    act = partial(api_keys.rotate, backend=backend, key_id=key.pk, actor=ACTOR)
    assert codes(together([act] * WAYS)) == {"ok": 1, "conflict": WAYS - 1}
    assert ApiKey.objects.filter(backend=backend, role="service").count() == 2


def test_a_key_is_revoked_once(backend: Backend) -> None:
    key = ApiKey.objects.get(backend=backend, role="service")
    act = partial(api_keys.revoke, backend=backend, key_id=key.pk, actor=ACTOR)
    assert codes(together([act] * WAYS))["ok"] == 1
    assert Row.objects.filter(kind="api_key_revoked").count() == 1


def test_nobody_waits_for_another_to_note_a_use(backend: Backend) -> None:
    """A host with ATOMIC_REQUESTS holds the note's lock until its own request has ended."""
    key = ApiKey.objects.get(backend=backend, role="anon")
    held, done = Event(), Event()

    def slow_request() -> None:
        with transaction.atomic():
            api_keys.touch(key)
            held.set()
            done.wait(20)
        connection.close()

    thread = Thread(target=slow_request, daemon=True)
    thread.start()
    assert held.wait(20)
    began = time.monotonic()
    api_keys.touch(key)
    assert time.monotonic() - began < 2
    done.set()
    thread.join(20)
    key.refresh_from_db()
    assert key.last_used_at is not None
