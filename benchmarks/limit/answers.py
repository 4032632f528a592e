"""What it answers with: the session, the account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from benchmarks.limit import tokens
from benchmarks.limit.statements import Row
from lingauth.conf import settings
from lingauth.core import refresh

Answer = tuple[int, Any]

SERVER_KEY = settings.keychain.current("refresh token")


def is_aal2(found: Row, now: datetime) -> bool:
    verified = found["verified_at"]
    return (
        verified is not None
        and now < verified + timedelta(seconds=found["aal2_max_age"])
        and now < found["refreshed_at"] + timedelta(seconds=found["aal2_max_idle"])
    )


def session(found: Row, now: datetime) -> Answer:
    aal = "aal2" if is_aal2(found, now) else "aal1"
    access, expires = tokens.mint(found, aal, found["methods"], now)
    renewal = refresh.encode(
        refresh.Kind.REFRESH,
        *(found["session_id"], found["generation"], found["secret"], SERVER_KEY),
    )
    return 200, {
        "access_token": access,
        "token_type": "bearer",
        "expires_in": expires - int(now.timestamp()),
        "expires_at": expires,
        "refresh_token": renewal,
        "user": user_object(found),
    }


def user_object(found: Row) -> dict[str, Any]:
    uuid = str(found["uuid"])
    return {
        "id": uuid,
        "aud": "authenticated",
        "role": "authenticated",
        "email": found["email"],
        "phone": "",
        "email_confirmed_at": found["email_confirmed_at"].isoformat(),
        "last_sign_in_at": _time(found["last_sign_in_at"]),
        "app_metadata": found["app_metadata"],
        "user_metadata": found["user_metadata"],
        "identities": [
            {
                "identity_id": row["uuid"],
                "id": row["subject"],
                "user_id": uuid,
                "identity_data": row["data"],
                "provider": row["provider"],
                "created_at": row["created_at"],
                "updated_at": row["updated_at"],
                "email": found["email"],
            }
            for row in found["identities"] or ()
        ],
        "factors": [
            {
                "id": row["uuid"],
                "friendly_name": row["name"],
                "factor_type": "totp",
                "status": "verified" if row["confirmed"] else "unverified",
                "created_at": row["created_at"],
                "updated_at": row["last_used_at"] or row["created_at"],
            }
            for row in found["factors"] or ()
        ],
        "created_at": found["created_at"].isoformat(),
        "updated_at": found["updated_at"].isoformat(),
        "is_anonymous": found["is_anonymous"],
    }


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
