"""prometheus_client, told where to count. Nothing else imports it.

It reads at its import whether worker processes count together; told later, each would count in its
own memory, and the page would show nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.METRICS_DIR))
Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(mode=0o700, parents=True, exist_ok=True)

from prometheus_client import (  # noqa: E402  # once the place is set
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric  # noqa: E402  # once the place is set
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402  # once the place is set
from prometheus_client.registry import Collector  # noqa: E402  # once the place is set

__all__ = [
    "CONTENT_TYPE_LATEST",
    "Collector",
    "CollectorRegistry",
    "Counter",
    "GaugeMetricFamily",
    "Histogram",
    "Metric",
    "MultiProcessCollector",
    "generate_latest",
]
