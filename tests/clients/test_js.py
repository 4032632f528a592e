"""The published ``@supabase/auth-js`` against a live server: each of its tests in ``js/``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.results import NodeRun, declared, files

pytestmark = pytest.mark.clients


@pytest.mark.parametrize(
    ("file", "name"), [pytest.param(*found, id=f"{found[0]}: {found[1]}") for found in declared()]
)
def test_javascript(node: NodeRun, file: str, name: str) -> None:
    node.check(file, name)


@pytest.mark.parametrize("file", files(), ids=lambda file: file.name)
def test_each_file_ran_what_it_declares_and_nothing_else(node: NodeRun, file: Path) -> None:
    node.check_names(file)
