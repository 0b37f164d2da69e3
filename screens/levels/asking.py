"""What the parts of the page ask figures over: the period, the one before, and what is chosen of teams and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from inbox.kpis.views import Asked
from inbox.periods import Period
from inbox.views import Choices
from screens.levels.wish import Wish
from screens.state import inbox, utc_now


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked.

    Attributes:
        wish: what stands in the address.
        period: the days of it.
        asked: the same as figures are asked for; `before` is the period it is compared with.
        teams, sources, people: their names by id.
        now: aware UTC.
    """

    wish: Wish
    period: Period
    asked: Asked
    before: Asked
    teams: Mapping[str, str]
    sources: Mapping[str, str]
    people: Mapping[int, str]
    now: datetime

    @classmethod
    def of(cls, wish: Wish, period: Period, offered: Choices) -> Asking:
        """What is asked now."""
        now, zone = utc_now(), inbox().zone()
        (since, until), (earlier, end) = period.bounds(zone, now), period.before(zone, now)
        person = wish.person if wish.figure else None
        return cls(
            wish=wish,
            period=period,
            asked=Asked(since, until, team_ids=wish.teams, source_ids=wish.sources, user_id=person),
            before=Asked(earlier, end, team_ids=wish.teams, source_ids=wish.sources, user_id=person),
            teams={one.value: one.label for one in offered.teams},
            sources={one.value: one.label for one in offered.sources},
            people={one.id: one.name for one in offered.people},
            now=now,
        )
