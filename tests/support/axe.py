"""axe-core over a page: what it finds wrong with it for people who do not see, or not well."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

_FILE = (
    Path(__file__).resolve().parents[1] / "clients/js/node_modules/axe-core/axe.min.js"
)  # `make test-browser` installs it
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return _FILE.read_text()


def complaints(page: Page) -> list[str]:
    """What is wrong with the page as it stands: the rule and the element, one line each."""
    page.evaluate(_source())  # by the debugger's hand, which no policy of the page concerns
    found = page.evaluate(
        "(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", _RULES
    )
    return [
        f"{rule['id']}: {rule['help']}: {node['html']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
