"""What is counted and timed. Imported only where metrics are on.

All worker processes of a server count into files of one directory, which any of them can sum up.
Labels have few values, and none of them is a secret, an account or a backend: a backend's own
numbers are in its events.
"""

from __future__ import annotations

from typing import Any

from lingauth.models import Event
from lingauth.services.events import Kind
from lingauth.signals import event_recorded, hashing_refused, mail_tried
from project.operations.counting import Counter, Histogram

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
    """Count what is told of by signals, from now on.

    What is rare is there as 0 before it happens: else the first one would not be a rise.
    """
    for kind in Kind:
        for result in ("ok", "refused"):
            EVENTS.labels(kind.value, result)
    for reason in ("queue_full", "waited_too_long"):
        HASHING_REFUSED.labels(reason)
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
