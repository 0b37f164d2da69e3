"""What explains a turn in a chart: queries that changed, and what was not read."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from inbox.desk import Desk
from inbox.lab import versions
from inbox.sentences import Sentence
from inbox.trends import asking
from inbox.trends.views import Mark, Slice
from store.brands import versions_of
from store.coverage import gaps_within

MOST = 200
"""Marks of a chart; of more, the latest."""

_REASONS = {
    "budget": Sentence("more came than may be read at once"),
    "quota": Sentence("the limit of what is bought was reached"),
    "lost": Sentence("the platform no longer gives it"),
    "error": Sentence("the source could not be read"),
}


def marks(desk: Desk, asked: Slice) -> tuple[Mark, ...]:
    """Marks of a slice, oldest first: of its brands and sources, or of all. Raises: BadInput, NotFound."""
    zone = ZoneInfo(desk.settings.timezone)
    since, until = asking.since_of(asked, zone), asking.until_of(asked, zone)
    found = []
    with desk.store.read() as conn:
        names = asking.names_in(conn)
        asking.check(asked, names)
        for brand_id in asked.brand_ids or names.brands:
            for change in versions.changed(versions_of(conn, brand_id), since, until):
                text = Sentence("The query of {brand} changed.", brand=names.brands[brand_id])
                found.append(Mark("query", change.at.astimezone(zone), None, brand_id, text))
        for row in gaps_within(conn, since, until, source_ids=asked.source_ids, limit=MOST):
            text = Sentence(
                "{source} was not read: {reason}.",
                source=names.sources.get(row.source_id, row.source_id),
                reason=_REASONS.get(row.reason, Sentence("the source could not be read")),
            )
            start, end = max(row.start_at, since).astimezone(zone), min(row.end_at, until).astimezone(zone)
            found.append(Mark("gap", start, end, row.source_id, text))
    return latest(found)


def latest(found: Iterable[Mark]) -> tuple[Mark, ...]:
    """At most `MOST` marks, the latest, in order of time. Pure."""
    ordered = sorted(found, key=lambda one: (one.at, one.kind, one.about))
    return tuple(ordered[-MOST:])
