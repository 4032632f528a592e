"""How much one request may ask for. Counts, characters and rows; every parser step is linear."""

from __future__ import annotations

from typing import Final

QUERY_LENGTH: Final = 16_384
"""Characters of a query string, still encoded."""
PARAMETERS: Final = 100
CONDITIONS: Final = 50
"""Comparisons in one request, those inside ``or=(…)`` included."""
LIST_VALUES: Final = 500
"""Values in one ``in.(…)``."""
DEPTH: Final = 4
"""Groups inside groups: ``or=(and(…),…)`` has depth 2."""
SELECT_ITEMS: Final = 50
ORDER_TERMS: Final = 10
WILDCARDS: Final = 10
"""In one LIKE pattern: matching costs their number times the length of the text."""
ROWS_READ: Final = 1_000
"""Rows one answer carries at most. Also the most that one write can send back."""
ROWS_WRITTEN: Final = 1_000
"""Rows in one body."""
