"""Trying a changed query on what came in: a job that is done in pieces, newest first, with what it found so far.

It reads a page at a time and keeps counts and a few examples, so that a million mentions cost no more memory than a
thousand; and it gives up the processor after every piece, so that whoever waits for it waits for nobody else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.lab.checking import read
from inbox.lab.comparing import Comparison
from inbox.lab.reading import asked_by, ready
from inbox.lab.views import Findings
from inbox.lists import source_names
from inbox.searching import brand_queries
from store import brands, lab

PAGE = 1_000
"""Rows of one read."""
CAP_S = 60.0
"""Seconds of work after which a job stops by itself; it can go on."""
LONGEST_DAYS = 3_660

Timer = Callable[[], float]


@dataclass(slots=True)
class BackTest:
    """A job: what it compares, how far it came, how long it worked. One browser tab or command has it in hand.

    Attributes:
        brand_id, text: whose query, and what it would say.
        days: how far back; None for all.
        horizon: since when what no query matched is kept.
        asked: the facts that the queries ask about.
    """

    brand_id: str
    text: str
    days: int | None
    since: datetime | None
    expected: int
    horizon: datetime | None
    comparison: Comparison
    asked: frozenset[str]
    zone: ZoneInfo
    cap_s: float = CAP_S
    worked_s: float = 0.0
    before: int | None = None
    outside: bool = False
    done: bool = False

    @property
    def capped(self) -> bool:
        """Whether its time is over before its work is."""
        return not self.done and self.worked_s >= self.cap_s


def begin(desk: Desk, brand_id: str, text: str, *, days: int | None) -> BackTest:
    """A job that has not begun yet.

    Args:
        desk: where.
        brand_id: whose query.
        text: what it would say.
        days: only what was said in so many days until now; None for all.

    Raises:
        BadSearch: the text cannot be read, or only excludes.
        NotFound: no such brand.
    """
    after = read(text)
    now = desk.clock()
    zone = ZoneInfo(desk.settings.timezone)
    since = None if days is None else now - timedelta(days=max(1, min(days, LONGEST_DAYS)))
    with desk.store.read() as conn:
        known = {one.id: one for one in brands.all_brands(conn)}
        if brand_id not in known:
            raise NotFound(what="brand", key=brand_id)
        names = source_names(conn)
        ours = [one.id for one in known.values() if not one.competitor]
        whole = lab.own_sources(conn) if ours == [brand_id] else frozenset()
        day = None if since is None else since.astimezone(zone).date()
        expected = lab.how_many(conn, since_day=day, since=since)
        horizon = lab.oldest_unmatched(conn)
    queries = brand_queries(desk)
    asked = asked_by([after, *queries.values()])
    comparison = Comparison(
        queries.pop(brand_id, None),
        after,
        others={known[key].name: node for key, node in queries.items() if key in known},
        whole=whole,
        names=names,
        seed=lab.text_key(brand_id, text),
        zone=zone,
    )
    return BackTest(brand_id, text, days, since, expected, horizon, comparison, asked, zone)


def go_on(desk: Desk, job: BackTest, *, for_s: float, timer: Timer = time.monotonic) -> Findings:
    """Work on a job for about so many seconds, unless it is done or its time is over; what it found so far."""
    began = timer()
    worked = job.worked_s
    while not (job.done or job.capped) and job.worked_s - worked < for_s:
        _page(desk, job)
        job.worked_s = worked + timer() - began
    return tested(job)


def tested(job: BackTest) -> Findings:
    """What a job found so far."""
    found = job.comparison
    return Findings(
        state="done" if job.done else "capped" if job.capped else "running",
        tested=found.judged,
        expected=found.judged if job.done else max(found.judged, job.expected),
        per_second=found.judged / job.worked_s if job.worked_s > 0 else 0.0,
        added=found.counts["added"],
        dropped=found.counts["dropped"],
        kept=found.counts["kept"],
        whole=found.whole,
        from_outside=found.from_outside,
        horizon=job.horizon,
        per_source=found.per_source(),
        per_week=found.per_week(),
        overlap=found.overlap,
        examples=found.examples(),
    )


def _page(desk: Desk, job: BackTest) -> None:
    walk = lab.walk_unmatched if job.outside else lab.walk_mentions
    with desk.store.read() as conn:
        page, job.before = walk(conn, since=job.since, before=job.before, limit=PAGE)
        found = ready(conn, job.comparison.sieved(page), job.asked, job.zone)
    for one, document in found:
        job.comparison.judge(one, document)
    if job.before is None:
        job.done, job.outside = job.outside, True
