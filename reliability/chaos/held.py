"""What a person's device keeps of a session."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from reliability.chaos.ledger import Token


@dataclass(slots=True)
class Held:
    """A session on this person's device. ``spent`` are its earlier refresh tokens."""

    access: str
    refresh: str
    spent: list[str] = field(default_factory=list)

    @property
    def token(self) -> Token:
        return Token.of(self.refresh)

    @property
    def level(self) -> str:
        """As its access token has it."""
        part = self.access.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return str(claims["aal"])

    def keep(self, said: Any) -> None:
        if said["refresh_token"] != self.refresh:
            self.spent.append(self.refresh)
        self.access, self.refresh = said["access_token"], said["refresh_token"]
