"""Who a requirement affects, ready to be drawn and to be said."""

from __future__ import annotations

from dataclasses import dataclass

from lingauth.services.policy import Impact


@dataclass(frozen=True, slots=True)
class Split:
    """A whole in two parts: what is done, what is left. Drawn as a stacked bar."""

    done: int
    left: int
    more: str = ""

    @property
    def total(self) -> int:
        return self.done + self.left

    @property
    def done_share(self) -> str:
        return self._share(self.done)

    @property
    def left_share(self) -> str:
        return self._share(self.left)

    def _share(self, part: int) -> str:
        """As an SVG length. One of many still is a visible sliver."""
        if not part:
            return "0%"
        other = self.total - part
        least, most = 1.5, 100 - (1.5 if other else 0)
        return f"{min(max(100 * part / self.total, least), most):.2f}%"


@dataclass(frozen=True, slots=True)
class Affected:
    """Accounts by authenticator, open sessions by level."""

    accounts: Split
    sessions: Split

    @classmethod
    def of(cls, impact: Impact) -> Affected:
        more = "+" if impact.capped else ""
        return cls(
            accounts=Split(impact.accounts - impact.without_factor, impact.without_factor, more),
            sessions=Split(impact.open_sessions - impact.below_aal2, impact.below_aal2, more),
        )
