"""The whole description of one backend's APIs."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from lingauth import __version__
from lingauth.api.docs import examples, schema, tables
from lingauth.models import Backend
from lingauth.services import backends

OPENAPI: Final = "3.0.3"
SECURITY: Final = {
    "apikey": {
        "type": "apiKey",
        "in": "header",
        "name": "apikey",
        "description": (
            "The backend's anon key, which every app may carry. A service key works here too, "
            "from servers alone: it is refused wherever a browser sends it."
        ),
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access_token` of a session.",
    },
    "service": {
        "type": "http",
        "scheme": "bearer",
        "description": (
            "A service key of the backend, `lk_service_…`. It opens everything, so it belongs on "
            "servers alone; what a browser sends with it is refused."
        ),
    },
}
DESCRIPTION: Final = """\
Accounts, sessions and two-step verification of this backend, and its data.

1. **Sign in**: `POST /auth/v1/token?grant_type=password`. The session is at `aal1`.
2. **Set up two-step verification**: `POST /auth/v1/factors`, show the QR code, then
   `POST /auth/v1/mfa/verify` with the first code. The session is at `aal2`.
3. **Read data** with the new access token. Where the backend requires two-step verification, a
   session at `aal1` is answered 403 `mfa_required`, and `details.next` says what to do: `enroll`
   or `challenge`.
4. **Refresh** before the access token ends: `POST /auth/v1/token?grant_type=refresh_token`. A
   refresh token works once.

Send the anon key in the `apikey` header and the access token as `Authorization: Bearer`. The
published clients of this protocol do both by themselves; give them this server's address.

Every refusal has one body: `code` for programs, `message` for people, sometimes `hint` and
`details`.
"""


@cache
def _skeleton() -> str:
    """What all backends share, made once in a process, with the examples' names in place."""
    paths, registry = schema.described()
    data_paths, data_schemas = tables.described()
    components = registry.build({})
    schemas = components["schemas"] | data_schemas
    return json.dumps(
        {
            "paths": {**paths, **data_paths},
            "components": {
                "schemas": {name: schemas[name] for name in sorted(schemas)},
                "securitySchemes": SECURITY,
            },
        },
        default=str,  # lazy translations
    )


def forget() -> None:
    """Make it anew next time, after a table was registered late. For tests."""
    _skeleton.cache_clear()


def describe(backend: Backend) -> dict[str, Any]:
    """The OpenAPI document of a backend, examples in its own name. Costs no statement."""
    base = backends.base_url(backend)
    shared = json.loads(
        _skeleton()
        .replace(examples.BASE, _inside_json(base))
        .replace(f"{examples.NAME}:", f"{quote(backend.name)}:")
        .replace(f"issuer={examples.NAME}", f"issuer={quote(backend.name)}")
    )
    return {
        "openapi": OPENAPI,
        "info": {
            "title": f"{backend.name} API",
            "version": __version__,
            "description": DESCRIPTION,
        },
        "servers": [{"url": base}],
        **shared,
    }


def _inside_json(text: str) -> str:
    return json.dumps(text)[1:-1]
