"""The product's own settings, with one view more, and JSON alone for it, as the peers have it.

``BENCH_FREE_HASH`` puts a hasher first that costs nothing, for sign-in net of the hash.
"""

from __future__ import annotations

import os
from typing import Any

from project.settings import *  # noqa: F403  # a settings module is the names it holds
from project.settings import PASSWORD_HASHERS
from project.settings import REST_FRAMEWORK as _PRODUCT

ROOT_URLCONF = "benchmarks.site.urls"
if os.environ.get("BENCH_FREE_HASH"):
    PASSWORD_HASHERS = ["benchmarks.hashers.Free", *PASSWORD_HASHERS]
REST_FRAMEWORK: dict[str, Any] = {  # type: ignore[no-redef]  # the imported one is replaced
    **_PRODUCT,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}
