"""The published ``@supabase/auth-js`` against a live server: each of its tests in ``js/``."""

from __future__ import annotations

import pytest

from tests.clients.results import NodeRun, declared, files

pytestmark = pytest.mark.clients


@pytest.mark.parametrize(
    ("file", "name"), [pytest.param(*found, id=f"{found[0]}: {found[1]}") for found in declared()]
)
def test_javascript(node: NodeRun, file: str, name: str) -> None:
    result = node.results.get((file, name))
    if result is None:
        whole = [line["error"] for line in node.lines if line["name"].endswith(file)]
        pytest.fail(f"It did not run. {' '.join(whole)}", pytrace=False)
    if not result.passed:
        pytest.fail(result.error, pytrace=False)


@pytest.mark.parametrize("file", [path.name for path in files()])
def test_each_file_ran_what_it_declares_and_nothing_else(node: NodeRun, file: str) -> None:
    ran = sorted(line["name"] for line in node.lines if line["file"] == file)
    assert ran, "A file without tests."
    assert ran == sorted(name for found, name in declared() if found == file)
