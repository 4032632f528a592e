"""A backend and an app of it; metrics that are on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from lingauth import keyring
from lingauth.services.backends import NewBackend
from lingauth.signals import event_recorded, hashing_refused, mail_tried
from tests.support.app import App
from tests.support.people import new_backend

TOKEN = "a-secret-of-the-scraper-" + "0123456789abcdef"
Scrape = Callable[[], dict[str, float]]


@pytest.fixture
def made(db: None) -> NewBackend:
    keyring.forget()
    return new_backend("acme")


@pytest.fixture
def app(made: NewBackend) -> App:
    return App(made.backend.ref, made.anon_key)


@pytest.fixture(scope="session")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for the process: the library keeps its files open."""
    return tmp_path_factory.mktemp("metrics")


@pytest.fixture
def metrics_on(
    settings: Settings, counted: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """As ``LINGAUTH_METRICS=/metrics`` has it, for clients that are made after this."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(counted))
    settings.METRICS_PATH, settings.METRICS_TOKEN = "/metrics", TOKEN
    first, second, *rest = settings.MIDDLEWARE
    measuring = "project.operations.metrics.MetricsMiddleware"
    settings.MIDDLEWARE = [first, second, measuring, *rest]
    yield
    for signal in (event_recorded, hashing_refused, mail_tried):
        signal.disconnect(dispatch_uid="project.operations.instruments")


@pytest.fixture
def gained(metrics_on: None) -> Scrape:
    """What was counted since the test began, by the sample's name with its labels."""

    def scrape() -> dict[str, float]:
        answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        lines = [line for line in answer.content.decode().splitlines() if line[:1] != "#"]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    before = scrape()

    def gain() -> dict[str, float]:
        now = {name: value - before.get(name, 0) for name, value in scrape().items()}
        return {name: value for name, value in now.items() if value}

    return gain
