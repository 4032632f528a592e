"""On whose behalf an admin act happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lingauth.models import Account, Backend
from lingauth.services import events
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind


@dataclass(frozen=True, slots=True)
class By:
    """The backend whose accounts these are, who acts, and from where."""

    backend: Backend
    actor: Actor
    client: ClientInfo

    def record(self, kind: Kind, account: Account, **data: Any) -> None:
        """Append one event about the account, in the caller's transaction."""
        events.record(
            kind,
            backend_id=self.backend.pk,
            client=self.client,
            actor=self.actor,
            account=account,
            data=data,
        )
