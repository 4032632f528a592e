"""The SDK in Node against a live server: each of its tests in ``sdk/test/live/``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.results import NodeRun, declared, files
from tests.clients.sdk import LIVE

pytestmark = pytest.mark.clients


@pytest.mark.parametrize(
    ("file", "name"),
    [pytest.param(*found, id=f"{found[0]}: {found[1]}") for found in declared(LIVE)],
)
def test_sdk(sdk_in_node: NodeRun, file: str, name: str) -> None:
    sdk_in_node.check(file, name)


@pytest.mark.parametrize("file", files(LIVE), ids=lambda file: file.name)
def test_each_file_ran_what_it_declares_and_nothing_else(sdk_in_node: NodeRun, file: Path) -> None:
    sdk_in_node.check_names(file)
