"""How static files are stored."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Scripts too name each other by digests, so that no two versions meet in a browser."""

    support_js_module_import_aggregation = True
