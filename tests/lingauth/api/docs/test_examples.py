"""The examples are true: every one is made again from the app, and compared.

``LINGAUTH_RECORD_EXAMPLES=1 pytest tests/lingauth/api/docs/test_examples.py`` writes them anew.
"""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from lingauth import keyring
from lingauth.api.docs import document, examples
from lingauth.api.docs.operations import OPERATIONS
from lingauth.services import backends
from lingauth.services.context import Actor
from tests.lingauth.api.docs.contract import problems
from tests.lingauth.api.docs.scenes import SCENES, Scene
from tests.lingauth.api.docs.stage import Stage, differences
from tests.support.app import App

RECORD = "LINGAUTH_RECORD_EXAMPLES" in os.environ
FILE = Path(str(examples.__file__)).with_name(examples.FILE)
recorded: dict[str, list[dict[str, Any]]] = {}


@pytest.fixture
def stage(db: None, settings: Settings) -> Iterator[Stage]:
    keyring.forget()
    settings.LINGAUTH = settings.LINGAUTH | {"SITE_URL": examples.BASE.rpartition("/b/")[0]}
    with time_machine.travel("2026-01-15T09:30:00Z", tick=False):
        made = backends.create_backend(
            ref="demo", name=examples.NAME, auto_confirm=True, actor=Actor.system("tests")
        )
        yield Stage(made, App("demo", made.anon_key))
    keyring.forget()


@pytest.fixture(scope="module", autouse=True)
def recording() -> Iterator[None]:
    yield
    if RECORD:
        text = json.dumps(recorded, indent=1, ensure_ascii=False)
        FILE.write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_example_is_what_the_app_answers(scene: Scene, stage: Stage) -> None:
    scene(stage)
    known = json.loads(FILE.read_text(encoding="utf-8"))
    for operation, shown in stage.kept.items():
        if RECORD:
            recorded.setdefault(operation, []).extend(asdict(example) for example in shown)
            continue
        by_name = {row["name"]: row for row in known[operation]}
        for example in shown:
            assert not differences(by_name[example.name], asdict(example)), example.name


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_answer_is_what_the_description_promises(scene: Scene, stage: Stage) -> None:
    """Status, code and body, against the schema of exactly this operation and status."""
    scene(stage)
    described = document.describe(stage.made.backend)
    for operation, shown in stage.kept.items():
        for example in shown:
            assert not problems(described, operation, example), (operation, example)


def test_every_operation_has_an_example_and_none_is_left_over() -> None:
    known = json.loads(FILE.read_text(encoding="utf-8"))
    assert known.keys() == {operation.id for operation in OPERATIONS.values()} | {"data"}
    written_in = {scene.__module__: inspect.getmodule(scene) for scene in SCENES}
    source = "".join(inspect.getsource(module) for module in written_in.values() if module)
    for operation, rows in known.items():
        names = [row["name"] for row in rows]
        assert len(set(names)) == len(names), operation
        assert [name for name in names if f'"{name}"' not in source] == []
        assert operation == "data" or any(row["status"] < 400 for row in rows), operation
