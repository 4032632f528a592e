"""``event_recorded`` tells of what was committed, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from lingauth.models import Event
from lingauth.services import events
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.signals import event_recorded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard() -> Iterator[list[Event]]:
    rows: list[Event] = []

    def receive(*, event: Event, **_: Any) -> None:
        rows.append(event)

    event_recorded.connect(receive)
    yield rows
    event_recorded.disconnect(receive)


def record() -> None:
    events.record(Kind.SIGNED_OUT, backend_id=None, client=ClientInfo())


def test_one_row_is_told_once_and_after_its_commit(heard: list[Event]) -> None:
    with transaction.atomic():
        record()
        assert heard == []
    assert [event.kind for event in heard] == ["signed_out"]


def test_a_row_that_was_rolled_back_is_not_told(heard: list[Event]) -> None:
    with transaction.atomic():
        record()
        transaction.set_rollback(True)
    assert heard == []


def test_a_receiver_that_fails_changes_nothing(heard: list[Event]) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError

    event_recorded.connect(fail)
    record()
    event_recorded.disconnect(fail)
    assert Event.objects.count() == 1
