"""INV-10, of logs for programs: a canary in every secret of the whole story is in no line."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import time_machine
from pytest_django import Settings

from lingauth.services.backends import NewBackend
from project.operations.json_lines import JsonLines
from tests.invariants.canary import Secrets
from tests.invariants.test_inv_10_secrets import (
    KINDS,
    Watched,
    the_whole_of_the_api,
    the_whole_of_the_console,
    the_whole_of_the_mail,
    the_whole_of_the_pages,
)
from tests.support.app import App

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stream(settings: Settings) -> Iterator[StringIO]:
    """Every line there can be: access lines, and of all loggers whatever they say, but for Django's
    record of its own SQL, off in production."""
    settings.ACCESS_LOG = True
    kept = StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name, quietest in (("django.db.backends", logging.INFO), ("django.request", 0)):
        logging.getLogger(name).setLevel(quietest)
    yield kept
    logging.getLogger("django.db.backends").setLevel(logging.NOTSET)
    logging.getLogger("django.request").setLevel(logging.ERROR)
    root.setLevel(level)
    root.removeHandler(handler)


def test_a_canary_is_in_no_line(
    made: NewBackend, clock: time_machine.Traveller, stream: StringIO
) -> None:
    secrets, watched = Secrets(), Watched()
    app = App(made.backend.ref, made.anon_key, http=watched)
    the_whole_of_the_api(app, made, secrets, clock)
    the_whole_of_the_mail(app, made, secrets, clock)
    the_whole_of_the_pages(watched, secrets, clock)
    the_whole_of_the_console(watched, made, secrets, clock)

    assert {name for name, _ in secrets.kept} == KINDS
    lines = stream.getvalue().splitlines()
    routes = {json.loads(line).get("route", "").partition(":")[0] for line in lines}
    assert routes >= {"lingauth_api", "lingauth_data", "lingauth_pages", "console"}
    assert [line for line in lines if secrets.found_in(line)] == []


def test_not_in_the_words_of_an_exception_either(stream: StringIO) -> None:
    secrets = Secrets()
    secrets.add("password", "a canary nobody uses")
    try:
        raise ValueError("a canary nobody uses")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", "/b/acme/")
    assert "ValueError" in stream.getvalue()
    # The source of the line that raised it is in the stack, as it is in the repository.
    assert secrets.found_in(stream.getvalue().replace('raise ValueError(\\"a canary', "")) == set()
