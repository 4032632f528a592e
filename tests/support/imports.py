"""Rows of an export from Supabase Auth, and what is written of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lingauth.models import Account
from lingauth.services.context import ClientInfo
from lingauth.services.imported_rows import Row
from lingauth.services.importing import Import
from tests.support import acts

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DAY = {n: datetime(2024, 5, n, 6, 7, 8, tzinfo=UTC) for n in range(1, 9)}


class Told(list[tuple[int, str, str]]):
    """The rows that were refused: the line, the id and the reason."""

    def __call__(self, line: int, id: str, reason: str) -> None:
        self.append((line, id, reason))


def uuid(n: int) -> UUID:
    return UUID(int=0xA000_0000_0000_4000_8000_0000_0000_0000 + n)


def user(n: int, **values: Any) -> Row:
    """Of line ``n + 1``."""
    return Row(n + 1, {"id": str(uuid(n)), "email": f"{n}@example.com"} | values)


def identity(n: int, owner: int, **values: Any) -> Row:
    """Of line ``n``."""
    return Row(
        n,
        {
            "id": str(uuid(100 + n)),
            "provider": "google",
            "provider_id": "7",
            "user_id": str(uuid(owner)),
            "identity_data": {"name": "Ann", "iss": "x"},
            "created_at": "2024-05-01 06:07:08+00",
            "updated_at": "2024-05-02 06:07:08+00",
        }
        | values,
    )


def factor(n: int, owner: int, **values: Any) -> Row:
    """Of line ``n``."""
    return Row(
        n,
        {
            "id": str(uuid(200 + n)),
            "user_id": str(uuid(owner)),
            "factor_type": "totp",
            "status": "verified",
            "friendly_name": "Phone",
            "secret": SECRET,
            "created_at": "2024-05-01 06:07:08+00",
            "updated_at": "2024-05-02 06:07:08+00",
            "last_challenged_at": "2024-05-03 06:07:08+00",
        }
        | values,
    )


def event(job: Import, kind: str, account: Account, **data: Any) -> dict[str, Any]:
    """What is to be in one of the import."""
    return acts.event(
        kind,
        backend=job.backend,
        client=ClientInfo(),
        account=account,
        **{"from": "supabase", **data},
    )
