"""``seal_history`` and ``verify_history``, as a shell or a timer runs them."""

from __future__ import annotations

import logging
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from lingauth.core.errors import Unavailable
from lingauth.models import Backend, Event
from lingauth.services.history import sealing, settled
from tests.lingauth.commands.conftest import Run
from tests.support.history import forge

pytestmark = pytest.mark.django_db


def test_heads_are_printed_and_the_history_is_whole(run: Run, acme: Backend) -> None:
    (head,) = run("seal_history").split()
    assert head.startswith("acme:1:")
    assert run("seal_history") == ""
    assert run("verify_history") == "1 events in 1 seals, whole.\n"
    assert run("verify_history", "--head", head, "--backend", "acme") == (
        "1 events in 1 seals, whole. All 1 heads are there.\n"
    )


def test_a_timer_has_them_in_the_log_alone(run: Run, acme: Backend) -> None:
    assert run("seal_history", "--verbosity", "0") == ""
    assert "1 seals" in run("verify_history")


def test_newer_events_are_told(run: Run, acme: Backend) -> None:
    assert run("verify_history") == (
        "1 newer events are not sealed yet.\n0 events in 0 seals, whole.\n"
    )


def test_what_is_wrong_is_told_and_ends_with_status_1(run: Run, acme: Backend) -> None:
    run("seal_history")
    forge("UPDATE lingauth_event SET kind = 'signed_in'")
    printed = StringIO()
    with pytest.raises(CommandError, match="not whole") as ended:
        call_command("verify_history", stdout=printed)
    assert ended.value.returncode == 1
    assert printed.getvalue() == f"Event {Event.objects.get().pk} was changed.\n"


def test_heads_are_logged_whatever_else_is() -> None:
    """With the project's own settings: of others, warnings are."""
    assert not logging.getLogger("lingauth.mail").isEnabledFor(logging.INFO)
    assert logging.getLogger("lingauth.history").isEnabledFor(logging.INFO)


def test_the_heads_of_a_log(run: Run, acme: Backend, tmp_path: Path) -> None:
    (head,) = run("seal_history").split()
    log = tmp_path / "log"
    log.write_text(f'{{"message": "Sealed {head} to event 1."}}\nanother line\n')
    assert "whole. All 1 heads" in run("verify_history", "--heads", str(log))
    lost = head.replace("acme:1:", "acme:2:")
    log.write_text(f"x {head}\nx {lost}\n")
    with pytest.raises(CommandError, match="not whole"):
        run("verify_history", "--heads", str(log))
    log.write_text("no head at all\n")
    with pytest.raises(CommandError, match="no head of a history"):
        run("verify_history", "--heads", str(log), "--head", head)
    with pytest.raises(CommandError, match="No such file"):
        run("verify_history", "--heads", str(tmp_path / "none"))


@pytest.mark.parametrize("given", ["acme", "acme:1:8f", f"acme:x:{'8f' * 32}", f" a:1:{'8f' * 32}"])
@pytest.mark.parametrize("option", ["seal_history --accept", "verify_history --head"])
def test_what_is_no_head_is_refused(run: Run, option: str, given: str) -> None:
    name, option = option.split()
    with pytest.raises(CommandError, match="is no head"):
        run(name, f"{option}={given}")


def test_a_backend_that_is_not_there_is_refused(run: Run, acme: Backend) -> None:
    with pytest.raises(CommandError, match="There are: acme"):
        run("verify_history", "--backend", "none")
    assert "0 seals, whole" in run("verify_history", "--backend", "_")


def test_a_second_one_at_work_is_no_error(
    run: Run, acme: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(**_: object) -> None:
        raise sealing.Overtaken

    monkeypatch.setattr(sealing, "seal", overtaken)
    assert "Another seal_history is at work" in run("seal_history")


def test_a_long_transaction_is_told(
    run: Run, acme: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_long(**_: object) -> int:
        raise Unavailable("A transaction is open.")

    monkeypatch.setattr(settled, "newest", open_long)
    with pytest.raises(CommandError, match="A transaction is open"):
        run("seal_history")


def test_a_broken_chain_is_told(run: Run, acme: Backend) -> None:
    run("seal_history")
    forge("UPDATE lingauth_historyseal SET mark = head")
    Event(backend=acme, kind="signed_in", actor_kind="account").save()
    with pytest.raises(CommandError, match="under none of the keys"):
        run("seal_history")
