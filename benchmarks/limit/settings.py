"""Settings of the limit program in lean DRF: no middleware, JSON in, JSON out."""

from __future__ import annotations

from typing import Any

from benchmarks.site.settings import *  # noqa: F403  # a settings module is the names it holds

ROOT_URLCONF = "benchmarks.limit.drf"
MIDDLEWARE = []
REST_FRAMEWORK: dict[str, Any] = {  # type: ignore[no-redef]  # the imported one is replaced
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_THROTTLE_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
