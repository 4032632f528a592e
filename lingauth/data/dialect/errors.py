"""What the data API says when a request cannot be read or served.

The codes are PostgREST's (``PGRST…``) and PostgreSQL's (five characters), because the published
clients and their users branch on them. The body is the one of every other error of ours.
"""

from __future__ import annotations

from lingauth.core.errors import DomainError

SHOWN = 64


def shown(value: str) -> str:
    """``value`` fit for a message: short, printable, and always encodable as UTF-8."""
    cut = value if len(value) <= SHOWN else value[:SHOWN] + "…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)


class DataError(DomainError):
    """A refusal of the data API.

    ``details`` is a sentence here, not an object: older releases of postgrest-js call
    ``error.details.includes(…)`` and would throw on anything else.
    """

    code, status = "PGRST100", 400

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        details: str | None = None,
        hint: str | None = None,
        challenge: str | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status, hint=hint, challenge=challenge)
        self.details = details


def unreadable(what: str, text: str, details: str) -> DataError:
    """A part of the query string that is not in the grammar (PGRST100)."""
    return DataError(f'"failed to parse {what} ({shown(text)})"', details=details)


def too_much(details: str) -> DataError:
    """A query past one of the limits of ``dialect.limits`` (PGRST100)."""
    return DataError("The query is too long or too complex.", details=details)


def no_column(table: str, name: str) -> DataError:
    """A filter, select or order on a column that is not offered (42703)."""
    return DataError(f"column {table}.{shown(name)} does not exist", code="42703")


def no_body_column(table: str, name: str) -> DataError:
    """A body or ``columns=`` that names a column that is not offered (PGRST204)."""
    return DataError(
        f"Could not find the '{shown(name)}' column of '{table}' in the schema cache",
        code="PGRST204",
    )


def bad_value(kind: str, text: str) -> DataError:
    """A value that is not of its column's type (22P02)."""
    return DataError(f'invalid input syntax for type {kind}: "{shown(text)}"', code="22P02")


def out_of_range(kind: str, text: str) -> DataError:
    """A number or time that its column cannot hold (22003)."""
    return DataError(f'value "{shown(text)}" is out of range for type {kind}', code="22003")


def bad_body(message: str, details: str | None = None) -> DataError:
    """A body that is not rows (PGRST102)."""
    return DataError(message, code="PGRST102", details=details)


def not_single(count: int) -> DataError:
    """One object was asked for, and there is not exactly one (PGRST116, 406)."""
    return DataError(
        "JSON object requested, multiple (or no) rows returned",
        code="PGRST116",
        status=406,
        details=f"The result contains {count} rows",
    )


def bad_range(details: str) -> DataError:
    """A window that cannot be served (PGRST103, 416)."""
    return DataError(
        "Requested range not satisfiable", code="PGRST103", status=416, details=details
    )
