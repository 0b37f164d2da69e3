"""How often the API is called, and how long an answer takes: counted over all web processes, for Prometheus.

Where several processes share the work, `prometheus_client` keeps the counts of each in a file of the folder that
`COUNTS` names, and whoever is asked adds them up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.core import CollectorRegistry, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from web.api.settings import COUNTS

_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_CALLS, _TOOK = "klankbord_api_requests", "klankbord_api_request_seconds"
_MEANING = {_CALLS: "Calls of the API.", _TOOK: "How long its answers took."}


class Meter:
    """Counts calls by route, method and status. Safe to share between threads."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._calls = Counter(_CALLS, _MEANING[_CALLS], ["route", "method", "status"], registry=self._own)
        self._took = Histogram(_TOOK, _MEANING[_TOOK], ["route"], buckets=_BOUNDS_S, registry=self._own)

    def called(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count one call. `route` is its pattern, so that ids do not make series."""
        self._calls.labels(route, method, str(status)).inc()
        self._took.labels(route).observe(took_s)

    def collect(self) -> Iterator[Metric]:
        """The figures so far, those of the other processes too."""
        for metric in _of_all() if os.environ.get(COUNTS) else self._own.collect():
            metric.documentation = _MEANING[metric.name]
            # When a series began is told of single processes only, and nobody needs it.
            metric.samples = [one for one in metric.samples if not one.name.endswith("_created")]
            yield metric


def _of_all() -> Iterable[Metric]:
    found: Iterable[Metric] = MultiProcessCollector(CollectorRegistry()).collect()  # type: ignore[no-untyped-call]
    return found
