"""Gathering what a report tells, from the same figures that the pages show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from inbox import health
from inbox.desk import Desk
from inbox.kpis import reading
from inbox.kpis.views import Asked
from inbox.periods import own
from inbox.reports import periods
from inbox.reports.document import Accuracy, Compared, Day, Document, Figure, Kept, SourceState, Spike
from inbox.tone import sampling
from inbox.trends import volume as volumes
from inbox.trends.views import THE_REST, By, Series, Slice
from inbox.views import KpiValue
from store import alerts
from store.reports import Quote, quotable
from understanding.links import without_links
from understanding.pii import mask, number_form
from understanding.prepared import without_names

TOP = 10
QUOTES = 2
"""Quotes per theme."""
_READ = 40
_SHORTEST, _LONGEST_QUOTE = 25, 220
_SIGNED = re.compile(
    r"[\s,.;!\u2013-]*\b(?:met vriendelijke groet(?:en)?|vriendelijke groet(?:en)?|m\.?v\.?g|groetjes|groeten|groet|"
    r"(?:kind|best|warm) regards|regards|cheers|thanks|thx)\b[\s,.:!]*"
    r"(?:[^\W\d_][\w.'-]*[\s,.]*(?:uit|from)?\s*){1,6}\W*$",
    re.IGNORECASE,
)
"""How a message ends with the name of who wrote it."""
_SLACK_DAYS = 1


def gather(desk: Desk, first: date, last: date) -> tuple[Document, tuple[Quote, ...]]:
    """What the local days from `first` to `last` came to, and what customers said under its largest themes.

    Raises:
        BadInput: the last day lies before the first, the first lies ahead, or they are too far apart.
    """
    zone = ZoneInfo(desk.settings.timezone)
    own(first, last, desk.clock().astimezone(zone).date())
    then = periods.before(first, last)
    now = reading.values(desk, _asked(first, last, zone))
    earlier = {one.id: one for one in reading.values(desk, _asked(*then, zone))}
    themes = _compared(desk, first, last, then, "theme")
    document = Document(
        first=first,
        last=last,
        first_before=then[0],
        last_before=then[1],
        timezone=desk.settings.timezone,
        figures=tuple(_figure(one, earlier[one.id]) for one in now),
        days=_days(desk, first, last, zone),
        sources=_compared(desk, first, last, then, "source"),
        brands=_compared(desk, first, last, then, "brand"),
        tones=_compared(desk, first, last, then, "sentiment"),
        accuracy=_accuracy(desk),
        deadlines=tuple(
            Kept(team_id=team_id, met=one.value, n=one.n)
            for team_id, one in reading.split(desk, "sla_met", _asked(first, last, zone), "team")
            if one.n
        ),
        themes=themes,
        spikes=_spikes(desk, first, last, zone),
        states=_states(desk),
    )
    return document, _quotes(desk, first, last, zone, [int(one.key) for one in themes])


def _asked(first: date, last: date, zone: ZoneInfo) -> Asked:
    return Asked(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _figure(now: KpiValue, earlier: KpiValue) -> Figure:
    return Figure(
        id=now.id,
        unit=now.unit,
        value=now.value,
        n=now.n,
        left_out=now.left_out,
        mean=now.mean,
        p90=now.p90,
        business_value=now.business_value,
        business_p90=now.business_p90,
        n_open=now.n_open,
        value_before=earlier.value,
        n_before=earlier.n,
    )


def _days(desk: Desk, first: date, last: date, zone: ZoneInfo) -> tuple[Day, ...]:
    said = volumes.volume(desk, Slice(first, last), step="day", by=None)
    answers = {key: one.n for key, one in reading.split(desk, "first_response_time", _asked(first, last, zone), "day")}
    return tuple(
        Day(
            day=point.at.date(),
            inflow=point.n,
            late=point.late,
            answers=answers.get(point.at.date().isoformat(), 0),
        )
        for point in said.points
    )


def _compared(desk: Desk, first: date, last: date, then: tuple[date, date], by: By) -> tuple[Compared, ...]:
    """The largest by something, beside what they were."""
    counted, before = (
        _sums(volumes.volume(desk, Slice(*days), step="day", by=by, most=most))
        for days, most in (((first, last), TOP), (then, 1_000))
    )
    return tuple(
        Compared(key=key, n=n, n_before=before.get(key, 0))
        for key, n in counted.items()
        if key != THE_REST and (n or before.get(key))
    )


def _sums(series: Series) -> Mapping[str, int]:
    sums = dict.fromkeys(series.keys, 0)
    for point in series.points:
        sums[point.key] += point.n
    return sums


def _accuracy(desk: Desk) -> Accuracy | None:
    found = sampling.accuracy(desk)
    if found is None or not found.overall.share.n:
        return None
    share = found.overall.share
    low, high = share.interval
    return Accuracy(month=found.month, right=share.value, low=low, high=high, n=share.n)


def _spikes(desk: Desk, first: date, last: date, zone: ZoneInfo) -> tuple[Spike, ...]:
    """What alerts fired about, the oldest first."""
    since, until = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
    with desk.store.read() as conn:
        fired = [
            row for row in alerts.since(conn, since) if since <= row.hour < until and "silent" not in row.explanation
        ]
    return tuple(
        Spike(at=row.hour, hours=row.window_h, rule_id=row.rule_id, n=row.n, expected=row.expected)
        for row in reversed(fired)
    )


def _states(desk: Desk) -> tuple[SourceState, ...]:
    return tuple(
        SourceState(
            source_id=one.id,
            health=one.health,
            open_gaps=one.open_gaps,
            delay_p50_s=one.delay_p50_s,
            delay_p95_s=one.delay_p95_s,
        )
        for one in health.sources(desk, span=timedelta(days=_SLACK_DAYS))
    )


def _quotes(desk: Desk, first: date, last: date, zone: ZoneInfo, theme_ids: Sequence[int]) -> tuple[Quote, ...]:
    """A few public messages per theme, without names, addresses and numbers of people; each message once."""
    forms = tuple(map(number_form, desk.settings.order_numbers))
    since, until = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
    found: list[Quote] = []
    taken: set[int] = set()
    for theme_id in theme_ids:
        with desk.store.read() as conn:
            rows = quotable(conn, theme_id, since=since, until=until, limit=_READ)
        for row in _fitting(rows, taken):
            found.append(Quote(row.mention_id, theme_id, _shortened(unsigned(mask(row.text, forms=forms)))))
            taken.add(row.mention_id)
    return tuple(found)


def _fitting(rows: Iterable[Quote], taken: set[int]) -> list[Quote]:
    return [row for row in rows if row.mention_id not in taken and len(row.text) >= _SHORTEST][:QUOTES]


def unsigned(text: str) -> str:
    """A text on one line without links, names of accounts and the signature at its end. Pure."""
    bare = " ".join(without_names(without_links(text)).split())
    return _SIGNED.sub("", bare) or bare


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1].rstrip() + "…"
