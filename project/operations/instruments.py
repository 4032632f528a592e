"""What is counted and timed. Imported only where metrics are on.

All worker processes of a server count into files of one directory, which any of them can sum up.
Labels have few values, and none of them is a secret, an account or a backend: a backend's own
numbers are in its events.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings

# The library reads it once, when it is imported.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.METRICS_DIR))
Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(mode=0o700, parents=True, exist_ok=True)

from prometheus_client import Counter, Histogram  # noqa: E402

from lingauth.models import Event  # noqa: E402
from lingauth.services.events import Kind  # noqa: E402
from lingauth.signals import event_recorded, hashing_refused, mail_tried  # noqa: E402

EVENTS = Counter("lingauth_events", "Audit rows written.", ("kind", "result"))
SIGN_INS = Counter("lingauth_sign_ins", "Sessions begun.", ("method",))
SIGN_INS_FAILED = Counter("lingauth_sign_ins_failed", "Sign-ins refused.", ("reason",))
REFRESHES = Counter("lingauth_refreshes", "Refresh tokens presented.", ("result",))
REFUSALS = Counter("lingauth_refusals", "Requests refused.", ("surface", "code"))
HASHING_REFUSED = Counter(
    "lingauth_hashing_refused", "Requests answered 503 because others hash.", ("reason",)
)
MAILS = Counter("lingauth_mails", "Mails handed to the mail server, or not.", ("kind", "outcome"))
SECONDS = Histogram(
    "lingauth_request_seconds",
    "From a worker's first look at a request to its answer.",
    ("route", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def listen() -> None:
    """Count what is told of by signals, from now on."""
    event_recorded.connect(_on_event, dispatch_uid="project.operations.instruments")
    hashing_refused.connect(_on_hashing_refused, dispatch_uid="project.operations.instruments")
    mail_tried.connect(_on_mail_tried, dispatch_uid="project.operations.instruments")


def _on_event(*, event: Event, **_: Any) -> None:
    EVENTS.labels(event.kind, event.result).inc()
    if event.kind == Kind.SIGNED_IN:
        SIGN_INS.labels(event.data["method"]).inc()
    elif event.kind == Kind.SIGN_IN_FAILED:
        SIGN_INS_FAILED.labels(event.data["reason"]).inc()


def _on_hashing_refused(*, reason: str, **_: Any) -> None:
    HASHING_REFUSED.labels(reason).inc()


def _on_mail_tried(*, kind: str, outcome: str, **_: Any) -> None:
    MAILS.labels(kind, outcome).inc()
