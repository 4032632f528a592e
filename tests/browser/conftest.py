"""One server with the demo's data, for all tests of its app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.demo import DemoSite, Visitor
from tests.support.servers import LiveServer

expect.set_options(timeout=10_000)  # as long as everything else may take in a browser


@pytest.fixture(scope="session")
def demo_site(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    server = LiveServer(tmp_path_factory.mktemp("demo") / "server", prepared=prepared)
    server.manage("seed_demo")
    with server:
        yield DemoSite(server)


@pytest.fixture
def site(demo_site: DemoSite) -> Iterator[DemoSite]:
    """The demo, where nobody requires a second step unless the test does."""
    yield demo_site
    demo_site.require(mfa=False)


@pytest.fixture
def me(site: DemoSite, page: Page) -> Visitor:
    visitor = Visitor(page, site.url)
    visitor.open()
    return visitor


@pytest.fixture
def required(site: DemoSite) -> None:
    """The operator's switch is on."""
    site.require(mfa=True)
