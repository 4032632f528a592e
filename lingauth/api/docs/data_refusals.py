"""How calls of the data API are refused. The codes are PostgREST's and PostgreSQL's."""

from __future__ import annotations

from lingauth.api.docs.operation import Refusal
from lingauth.core.errors import InvalidApiKey, MfaRequired, NotFound, Unavailable

COMMON = (
    Refusal(400, "PGRST100", "A part of the query cannot be read."),
    Refusal(400, "22P02", "A value is not of its column's type."),
    Refusal(400, "42703", "There is no such column."),
    Refusal.of(InvalidApiKey),
    Refusal(401, "invalid_token", "This access token is not valid here, or no longer.", True),
    Refusal(401, "no_authorization", "Send an API key in the apikey header, or sign in.", True),
    Refusal.of(MfaRequired),
    Refusal.of(NotFound),
    Refusal.of(Unavailable),
)
READ = (
    Refusal(406, "PGRST116", "One object was asked for, and there is not exactly one."),
    Refusal(416, "PGRST103", "Requested range not satisfiable"),
)
WRITE = (
    Refusal(400, "PGRST102", "The body is not rows."),
    Refusal(400, "PGRST204", "The body names a column that is not offered."),
    Refusal(400, "23502", "A column that needs a value has none."),
    Refusal(400, "22001", "A text is longer than its column."),
    Refusal(401, "42501", "Sign in to write.", True),
    Refusal(403, "42501", "This row is not yours to write."),
    Refusal(409, "23000", "A constraint of the table was violated"),
)
REPLACE = (
    *WRITE,
    Refusal(400, "PGRST114", "limit/offset querystring parameters are not allowed for PUT"),
    Refusal(400, "PGRST115", "Payload values do not match URL in primary key column(s)"),
    Refusal(400, "428C9", "The key is of no row that is yours."),
    Refusal(405, "PGRST105", "The filters have to name the key, with `eq.`, and nothing else."),
)
