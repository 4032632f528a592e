"""Jobs that wait, opened as the one who delivers them does."""

from __future__ import annotations

import json
from typing import Any

from lingauth.conf import settings
from lingauth.models import MailJob


def waiting() -> list[tuple[str, dict[str, Any]]]:
    """The kind of each and what it holds, the oldest first."""
    return [(job.kind, opened(job)["payload"]) for job in MailJob.objects.order_by("pk")]


def opened(job: MailJob) -> dict[str, Any]:
    bound = f"{job.backend_id}\n{job.kind}".encode()
    plain = settings.keychain.decrypt("mail job", bytes(job.payload), bound_to=bound)
    found: dict[str, Any] = json.loads(plain)
    return found
