"""What came of a run, in figures: per query and for the source as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.health import OK, Sentence
from pipeline.troubles import Consequence
from store.records import CommitResult


@dataclass(slots=True)
class Tally:
    """Running counts of one query's run.

    Attributes:
        received: items of the answers, unreadable ones included.
        known: items that were kept before.
        delays_s: first seen minus published, in seconds, of the new mentions.
        unchanged: every answer was the same as last time.
        more: the page budget ended while the platform had more.
        streamed: a stream was followed.
    """

    pages: int = 0
    calls: int = 0
    received: int = 0
    new: int = 0
    changed: int = 0
    known: int = 0
    unmatched: int = 0
    quarantined: int = 0
    deleted: int = 0
    unchanged: bool = False
    more: bool = False
    streamed: bool = False
    delays_s: list[float] = field(default_factory=list)

    def page(self, received: int) -> None:
        """Count one page that was read."""
        self.pages += 1
        self.received += received

    def committed(self, result: CommitResult) -> None:
        """Count what a commit did."""
        self.new += result.new
        self.changed += result.changed
        self.known += result.unchanged + result.changed + result.suppressed
        self.unmatched += result.unmatched
        self.quarantined += result.quarantined
        self.deleted += result.deleted
        self.delays_s += result.delays_s


@dataclass(frozen=True, slots=True)
class QueryReport:
    """One query's run."""

    query_id: str
    label: str
    asked_from: datetime
    asked_to: datetime
    tally: Tally
    trouble: Consequence | None = None
    sentence: Sentence = OK
    wish: timedelta | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run of a source.

    Attributes:
        queries: those that were asked.
        skipped: queries that are waiting for their own `not_before`.
        health: what people read.
        not_before: aware UTC; set when no query at all may be asked earlier.
        wish: the platform's own wish for the time between polls.
        again_soon: there is more to read than one run may ask.
        streamed: the source is a stream: it is joined again at once.
    """

    source_id: str
    started_at: datetime
    ended_at: datetime
    queries: tuple[QueryReport, ...] = ()
    skipped: tuple[str, ...] = ()
    health: Sentence = OK
    not_before: datetime | None = None
    wish: timedelta | None = None
    again_soon: bool = False
    streamed: bool = False

    @property
    def failed(self) -> bool:
        """Whether no query came through."""
        return bool(self.queries) and all(query.trouble is not None for query in self.queries)

    def total(self, count: str) -> int:
        """Sum of one count of `Tally` over the queries."""
        return sum(int(getattr(query.tally, count)) for query in self.queries)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Nearest-rank percentile (0-1) of unordered values; None without any."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000 * len(ordered)) // 1000) - 1))]
