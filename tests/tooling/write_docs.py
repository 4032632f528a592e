"""``make docs``: write the pages that are made from the code."""

from __future__ import annotations

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.tooling.compatibility import PAGE, rendered  # needs Django's models

    PAGE.write_text(rendered(), encoding="utf-8")


if __name__ == "__main__":
    main()
