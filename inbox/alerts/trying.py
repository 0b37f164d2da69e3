"""How often a rule would have fired, before it is kept: the same judgement over the hours of the last ninety days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from inbox.alerts import counting, keeping, silence
from inbox.alerts.views import During, RuleDraft, Trial
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.sentences import Sentence
from inbox.teams import promise_of
from understanding.spikes.baseline import Series, hour_of
from understanding.spikes.judging import By, Condition, Moment, fired, moments
from understanding.spikes.silence import silent_ones, together

_HOUR = timedelta(hours=1)


def back_test(desk: Desk, draft: RuleDraft, *, days: int = counting.BACK_DAYS) -> Trial:
    """When a rule would have fired in the last days.

    What came in later than its hour counts here at the hour in which it was said; while watching it did not.

    Raises:
        NotFound: no such brand, source or theme.
        BadInput: the condition cannot be judged.
        BadSearch: the query cannot be read.
    """
    keeping.checked(draft)
    now = desk.clock()
    until = hour_of(now)
    since = until - timedelta(days=max(1, min(days, counting.BACK_DAYS)))
    if draft.condition.by is By.SILENCE:
        return _silence(desk, draft, since=since, now=now)
    with desk.store.read() as conn:
        keeping.known(conn, draft.scope)
        series = counting.history(desk, conn, draft.scope, since=since - counting.HISTORY, until=now)
    known_since = series.begins
    first = since if known_since is None else max(since, known_since)
    moments = fired(series, draft.condition, first=first, last=until, counts=looks(desk, draft.during, draft.team_id))
    per_day = _per_day(series.hours(first, until), ZoneInfo(desk.settings.timezone))
    return Trial(first, now, tuple(moments), per_day, sum(n for _day, n in per_day))


def _silence(desk: Desk, draft: RuleDraft, *, since: datetime, now: datetime) -> Trial:
    """When sources would have been called silent by what they brought; how well they were then is not kept."""
    until = hour_of(now)
    with desk.store.read() as conn:
        keeping.known(conn, draft.scope)
        ids = [one.id for one in silence.listened(conn, draft.scope.source_ids)]
        series = silence.by_source(desk, conn, ids, since=since - counting.HISTORY, until=until)
    begins = [one.begins for one in series.values() if one.begins is not None]
    first = max(since, min(begins)) if begins else since
    found = moments(
        partial(_silent_at, series, draft.condition),
        draft.condition,
        first=first,
        last=until - _HOUR,
        counts=looks(desk, draft.during, draft.team_id),
    )
    hours = [pair for one in series.values() for pair in one.hours(first, until - _HOUR)]
    per_day = _per_day(hours, ZoneInfo(desk.settings.timezone))
    return Trial(first, now, tuple(found), per_day, sum(n for _day, n in per_day))


def _silent_at(series: Mapping[str, Series], condition: Condition, hour: datetime) -> Moment | None:
    quiet = silent_ones(series, condition, hour)
    return together(hour, list(quiet.values())) if quiet else None


def looks(desk: Desk, during: str, team_id: str | None) -> counting.Looks:
    """Whether a rule looks at an hour, by when it begins.

    Raises:
        BadInput: the team whose hours are meant is gone.
    """
    if during == During.ALWAYS:
        return lambda _hour: True
    settings = desk.settings
    team = next((one for one in settings.teams if one.id == team_id), None)
    if team is None:
        raise BadInput(Sentence("Choose the team whose opening hours are meant."))
    calendar, open_wanted = promise_of(team, settings.timezone).calendar, during == During.OPEN
    return lambda hour: calendar.is_open(hour) is open_wanted


def _per_day(hours: list[tuple[datetime, int]], zone: ZoneInfo) -> tuple[tuple[str, int], ...]:
    days: dict[str, int] = {}
    for hour, n in hours:
        day = hour.astimezone(zone).date().isoformat()
        days[day] = days.get(day, 0) + n
    return tuple(sorted(days.items()))
