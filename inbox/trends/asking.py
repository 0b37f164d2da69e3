"""What can be asked of the trends: checks a slice, and says in a sentence what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox import lists
from inbox.errors import BadInput, NotFound
from inbox.sentences import Sentence
from inbox.trends.views import ALL, BYS, STEPS, By, Only, Slice, Step
from store import brands
from store.volumes import SENTIMENTS, Wanted

EARLIEST = date(1990, 1, 1)
LATEST = date(2200, 1, 1)
MOST_DAYS = {"hour": 31, "day": 1_100, "week": 3_660}
"""Days that a chart may span, by its step: more points than that cannot be told apart."""
LONGEST_KEY = 200
_MOST_VALUES = 1_000

_TOO_MANY: dict[str, Callable[[int, int], Sentence]] = {
    "hour": lambda most, days: Sentence(
        "By hour, at most {most} days are shown at once; this is {days}. Choose fewer days, or a longer step.",
        most=most,
        days=days,
    ),
    "day": lambda most, days: Sentence(
        "By day, at most {most} days are shown at once; this is {days}. Choose fewer days, or a longer step.",
        most=most,
        days=days,
    ),
    "week": lambda most, days: Sentence(
        "At most {most} days are counted at once; this is {days}. Choose fewer days.", most=most, days=days
    ),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids of the workspace are called."""

    brands: dict[str, str]
    sources: dict[str, str]
    themes: dict[int, str]
    competitors: frozenset[str]


def names_in(conn: Connection) -> Names:
    """Names of brands, sources and themes."""
    found = brands.all_brands(conn)
    return Names(
        {one.id: one.name for one in found},
        lists.source_names(conn),
        lists.theme_names(conn),
        frozenset(one.id for one in found if one.competitor),
    )


def check(asked: Slice, names: Names, *, step: Step | None = None, by: By | None = None) -> None:
    """Make sure that a slice can be counted.

    Raises:
        BadInput: days that cannot be, too many of them, or what is not counted together.
        NotFound: a brand, source or theme that there is not.
    """
    _check_days(asked, step)
    if step is not None and step not in STEPS:
        raise BadInput(Sentence("Volume is told by hour, day or week."), step=step)
    if by is not None and by not in BYS:
        raise BadInput(
            Sentence("Volume is split by source, brand, language, kind, sentiment or theme."), by=str(by)[:LONGEST_KEY]
        )
    _check_values(asked, names)
    if by == "theme" or asked.theme_ids:
        _check_themes(asked, step, by)


def wanted_of(asked: Slice, only: Only = ALL) -> Wanted:
    """What the store counts for a slice; the hours of `only` are chosen among what it counts."""
    return Wanted(asked.brand_ids, asked.source_ids, asked.langs, asked.kinds, asked.sentiments, late=only.late)


def check_only(asked: Slice, only: Only) -> None:
    """Make sure that a part of a slice can be told.

    Raises:
        BadInput: hours or late arrivals of themes, or an hour of the week that there is not.
    """
    if asked.theme_ids and not only.whole:
        raise BadInput(Sentence("Themes are counted by day and conversation: no hours and late arrivals of them."))
    if (only.weekday is None) != (only.weekhour is None):
        raise BadInput(Sentence("An hour of the week is a weekday and an hour."))
    if only.weekday not in {None, *range(7)} or only.weekhour not in {None, *range(24)}:
        raise BadInput(Sentence("A weekday is 0 (Monday) to 6, an hour 0 to 23."))


def hour_of_week(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """The weekday (0 is Monday) and the hour that the clock of a zone shows."""
    local = at.astimezone(zone)
    return local.weekday(), local.hour


def since_of(asked: Slice, zone: ZoneInfo) -> datetime:
    """When a slice begins, aware UTC."""
    return midnight(asked.first, zone)


def until_of(asked: Slice, zone: ZoneInfo) -> datetime:
    """When a slice has ended, aware UTC."""
    return midnight(asked.last + timedelta(days=1), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, aware UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _check_days(asked: Slice, step: Step | None) -> None:
    if asked.last < asked.first:
        raise BadInput(
            Sentence(
                "The last day ({last}) is before the first ({first}).", first=str(asked.first), last=str(asked.last)
            )
        )
    if asked.first < EARLIEST or asked.last > LATEST:
        raise BadInput(Sentence("Choose days between {first} and {last}.", first=str(EARLIEST), last=str(LATEST)))
    most = MOST_DAYS.get(step or "week", MOST_DAYS["week"])
    if asked.days > most:
        raise BadInput(_TOO_MANY.get(step or "week", _TOO_MANY["week"])(most, asked.days))


def _check_values(asked: Slice, names: Names) -> None:
    for what, chosen, known in (
        ("brand", asked.brand_ids, names.brands),
        ("source", asked.source_ids, names.sources),
        ("theme", asked.theme_ids, names.themes),
    ):
        _check_known(what, chosen, known)
    for mood in asked.sentiments:
        if mood not in SENTIMENTS:
            raise NotFound(what="sentiment", key=mood[:LONGEST_KEY])
    for value in (*asked.langs, *asked.kinds):
        if not value.isprintable() or len(value) > LONGEST_KEY:
            raise BadInput(Sentence("A language or kind is a short code, such as nl or review."))
    if max(len(asked.langs), len(asked.kinds)) > _MOST_VALUES:
        raise BadInput(Sentence("Choose at most {most} languages or kinds.", most=_MOST_VALUES))


def _check_known(what: str, chosen: Collection[object], known: Collection[object]) -> None:
    for one in chosen:
        if one not in known:
            raise NotFound(what=what, key=str(one)[:LONGEST_KEY])


def _check_themes(asked: Slice, step: Step | None, by: By | None) -> None:
    if step == "hour":
        raise BadInput(Sentence("Themes are counted by day. Choose day or week."))
    if asked.langs or asked.kinds or asked.sentiments or by in {"lang", "kind", "sentiment"}:
        raise BadInput(
            Sentence(
                "Themes are counted by conversation, per brand and source. Take the language, kind or sentiment off."
            )
        )
