"""PostgREST's query dialect for one table: text in, frozen typed objects out.

Knows no database and no framework. Whatever the input, the parsers return in linear time, or
raise ``DataError``.
"""

from .errors import DataError
from .prefer import SCHEMA, Format, Preferences, Resolution, Return, accepted, preferences, schema
from .query import RESERVED, pairs, parse
from .shapes import (
    Column,
    Condition,
    Group,
    Kind,
    Op,
    Ordered,
    Pattern,
    Query,
    Scalar,
    Selected,
    Shape,
    Wild,
    Window,
)
from .window import ranged

__all__ = [
    "RESERVED",
    "SCHEMA",
    "Column",
    "Condition",
    "DataError",
    "Format",
    "Group",
    "Kind",
    "Op",
    "Ordered",
    "Pattern",
    "Preferences",
    "Query",
    "Resolution",
    "Return",
    "Scalar",
    "Selected",
    "Shape",
    "Wild",
    "Window",
    "accepted",
    "pairs",
    "parse",
    "preferences",
    "ranged",
    "schema",
]
