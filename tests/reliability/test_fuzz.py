"""Few of the calls that ``python -m reliability.fuzz`` makes many of, always the same; and that
each thing which it looks at would be seen if it were wrong."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rich.console import Console

from lingauth.api.docs import document
from lingauth.api.views.discovery import HealthView
from lingauth.core.errors import NoAuthorization
from lingauth.models import ApiKey, Backend, Event
from lingauth.services.events import Kind
from reliability import results
from reliability.fuzz import places
from reliability.fuzz.drawing import Drawer
from reliability.fuzz.listening import listening
from reliability.fuzz.report import show
from reliability.fuzz.running import names, run
from reliability.fuzz.sent import Answer, Sent
from reliability.fuzz.tally import Tally
from reliability.fuzz.watching import Watch
from reliability.fuzz.world import World, world
from tests.invariants.canary import Secrets
from tests.lingauth.api.docs.contract import operations

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DESCRIBED = document.describe(Backend(ref="acme", name="Acme"))
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SOME_ID = "7d0ad6a3-8a0f-4f5c-9b44-3f1f2c2d0b11"
HEALTH = Sent("GET", "/b/acme/auth/v1/health")


@pytest.fixture(autouse=True)
def access_lines(settings: Settings) -> None:
    settings.ACCESS_LOG = True


@pytest.fixture
def watch(db: None) -> Iterator[Watch]:
    with listening() as listener, world() as here:
        yield Watch(here, listener, Tally())


def test_every_answer_is_what_it_has_to_be() -> None:
    tally = run(700, seed=20)
    told = io.StringIO()
    assert show(tally, Console(file=told, width=200), seed=20), told.getvalue()
    assert tally.statuses.keys() == set(names())
    assert tally.kinds.keys() == {"described", "right", "spiked", "bent", "story"}


def test_what_is_known_to_be_right_is_not_refused(watch: Watch, subtests: pytest.Subtests) -> None:
    """Else the calls that are to go behind the door would all stay before it."""
    drawer = Drawer(watch)
    schema: Any = schemathesis.openapi.from_dict(document.describe(watch.here.made.backend))
    schema.app = watch.site
    for path, method, operation in operations(DESCRIBED):
        name = operation["operationId"]
        for number, chosen in enumerate(drawer.right.get(name, [])):
            with subtests.test(f"{name} {number}"):
                answer = drawer.plainly(schema[path][method.upper()], name, chosen)
                assert answer.status < 400, (chosen, answer)
    assert watch.tally.mistakes == {}


def test_the_command_makes_calls_in_a_process_of_its_own() -> None:
    """With metrics, which have to be on before anything is imported."""
    command = [sys.executable, "-m", "reliability.fuzz", "--on", "sqlite", "--workers", "1"]
    options = ["--only", "health", "--calls", "510", "--seed", "1"]
    done = subprocess.run(
        [*command, *options], cwd=results.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "510 calls, nothing wrong" in done.stdout


def test_a_method_that_is_not_described_is_refused(watch: Watch, subtests: pytest.Subtests) -> None:
    """With the methods that are, in ``Allow`` (RFC 9110 section 15.5.6)."""
    headers = tuple(watch.here.headers["aal2"].items())
    for path, methods in DESCRIBED["paths"].items():
        known = {name.upper() for name in methods}
        for method in set(METHODS) - known:
            with subtests.test(f"{method} {path}"):
                target = "/b/acme" + re.sub(r"\{\w+\}", SOME_ID, path)
                answer = watch.alone(path, "bent", Sent(method, target, headers), None)
                assert answer.status == 405
                allowed = set((answer.header("Allow") or "").split(", "))
                assert allowed - {"HEAD", "OPTIONS"} == known
    assert watch.tally.mistakes == {}


Act = Callable[[World], Any]


def _says_a_password(here: World) -> Any:
    return {"version": "1", "name": here.people["aal1"].password, "description": ""}


def _says_a_code(here: World) -> Any:
    return {"version": "1", "name": "x", "description": f"It is {here.people['half'].code()}."}


def _says_a_digest(here: World) -> Any:
    digest = ApiKey.objects.filter(role="service").values_list("digest", flat=True)[0]
    return {"version": "1", "name": "x", "description": digest}


def _says_a_file(here: World) -> Any:
    raise NoAuthorization(f"There is something in {__file__}")


def _fails(here: World) -> Any:
    raise ZeroDivisionError


def _refuses_without_a_challenge(here: World) -> Any:
    refusal = NoAuthorization()
    refusal.challenge = ""
    raise refusal


def _logs_a_token(here: World) -> Any:
    logging.getLogger("somebody").debug("%s came", here.people["aal1"].app.session["refresh_token"])


def _logs_what_an_exception_was_raised_from(here: World) -> Any:
    try:
        try:
            raise ValueError(here.made.service_key)
        except ValueError as error:
            raise ZeroDivisionError from error
    except ZeroDivisionError:
        logging.getLogger("somebody").exception("It failed")


def _notes_a_seed(here: World) -> Any:
    data = {"seed": here.people["half"].app.secret}
    Event.objects.create(
        backend=here.made.backend, kind=Kind.SIGNED_IN, actor_kind="account", data=data
    )


def _stores_a_link(here: World) -> Any:
    ApiKey.objects.update(label=here.people["mailed"].mailed["recovery"][1])


BROKEN: dict[str, tuple[Act, str]] = {
    "a password in an answer": (_says_a_password, "secret in the answer: password of aal1"),
    "a code in an answer": (_says_a_code, "secret in the answer: code of half"),
    "a digest in an answer": (_says_a_digest, "secret in the answer: as stored in lingauth_apikey"),
    "a path in an answer": (_says_a_file, "our insides are told"),
    "a failure": (_fails, "500: a failure of the server"),
    "no challenge": (_refuses_without_a_challenge, "WWW-Authenticate is missing"),
    "a token in a log": (_logs_a_token, "secret in a log line: refresh token of aal1"),
    "a key in a cause": (_logs_what_an_exception_was_raised_from, "secret in a log line: service"),
    "a seed in an event": (_notes_a_seed, "secret in an event (signed_in): seed of half"),
    "a link in a table": (_stores_a_link, "secret in lingauth_apikey.label: link of mailed"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_is_seen(what: str, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    act, problem = BROKEN[what]

    def broken(view: HealthView, request: Request, ref: str) -> Response:
        return Response(act(watch.here))

    monkeypatch.setattr(HealthView, "get", broken)
    monkeypatch.setattr("reliability.fuzz.watching.DATABASE_EACH", 1)
    watch.alone("health", "described", HEALTH, None)
    told = [mistake.problem for mistake in watch.tally.mistakes.values()]
    assert any(problem in each for each in told), told


@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [
        ({"version": 1}, 200, "Response violates schema"),
        ([], 200, "Response violates schema"),
        ({}, 201, "Undocumented status code"),
        ({"code": "x", "message": "y"}, 500, "Server error"),
    ],
)
def test_an_answer_that_is_not_described_is_seen(
    answer: Any, status: int, problem: str, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HealthView, "get", lambda view, request, ref: Response(answer, status))
    schema: Any = schemathesis.openapi.from_dict(DESCRIBED)
    case = schema["/auth/v1/health"]["GET"].Case(method="GET")
    watch.alone("health", "described", HEALTH, case)
    told = [mistake.problem for mistake in watch.tally.mistakes.values()]
    assert any(problem in each for each in told), told


def test_what_was_just_given_is_a_secret_from_then_on(watch: Watch) -> None:
    """New tokens are known to no list: they are learned from the answer that gives them."""
    body = json.dumps({"email": "new@example.com", "password": "a canary that is new"}).encode()
    key = (("apikey", watch.here.made.anon_key), ("Content-Type", "application/json"))
    sent, fresh = Sent("POST", "/b/acme/auth/v1/signup", key, body), Secrets()
    answer = watch.one("signUp", "described", sent, None, fresh)
    assert watch.tally.mistakes == {}
    known = {name for name, _ in fresh.kept}
    assert known == {"access token", "refresh token", "password that was sent"}
    assert fresh.found_in(answer.body) == {"access token", "refresh token"}
    # The same answer, were it to another call, is a leak.
    assert fresh.found_in(places.stripped("getUser", answer)[0]) != set()


def test_an_operation_that_never_succeeds_is_told() -> None:
    tally = Tally()
    tally.add("signUp", "right", HEALTH, Answer(400, (), b""), [])
    tally.add("health", "right", HEALTH, Answer(200, (), b""), [])
    told = io.StringIO()
    assert not show(tally, Console(file=told, width=100), seed=1)
    assert "signUp never succeeded" in told.getvalue()


def test_a_mistake_is_told_as_a_line_for_a_shell() -> None:
    tally, told = Tally(), io.StringIO()
    sent = Sent("POST", "/x?a=%00", (("A", "b c"),), b"it's\x00")
    tally.add("signUp", "bent", sent, Answer(500, (), b"no"), ["500: a failure of the server"])
    whole = Tally.from_json(json.loads(json.dumps(tally.to_json())))
    whole.merge(tally)
    assert not show(whole, Console(file=told, width=400), seed=1)
    line = "curl -i --path-as-is -X POST -H 'A: b c' --data-binary $'it\\x27s\\x00'"
    assert f"{line} 'http://testserver/x?a=%00'" in told.getvalue()
    assert "2 × signUp: 500" in told.getvalue()
