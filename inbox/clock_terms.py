"""The parts of a search that are about the clock, told apart so that people see them in words and can take them off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from inbox.errors import BadSearch
from inbox.searching import parse
from understanding import query

Kind = Literal["after", "before", "weekday", "hour", "arrived"]


@dataclass(frozen=True, slots=True)
class ClockTerm:
    """One part of a search that all its hits meet.

    Attributes:
        kind: what it is about.
        day: of `after` and `before`.
        weekdays: of `weekday`, 0 is Monday.
        hour: of `hour`: how it is compared, and with which.
        late: of `arrived`.
        without: the search without this part.
    """

    kind: Kind
    without: str
    day: date | None = None
    weekdays: tuple[int, ...] = ()
    hour: tuple[str, int] | None = None
    late: bool = False


def clock_terms(search: str) -> tuple[ClockTerm, ...]:
    """What a search asks of the clock, in its order; nothing of one that cannot be read or that says OR. Pure."""
    try:
        node = parse(search)
    except BadSearch:
        return ()
    parts = node.parts if isinstance(node, query.And) else () if node is None else (node,)
    found = ((part, _without(parts, place)) for place, part in enumerate(parts))
    return tuple(term for part, without in found if (term := _term(part, without)) is not None)


def _without(parts: tuple[query.Node, ...], place: int) -> str:
    left = (*parts[:place], *parts[place + 1 :])
    return query.spell(left[0] if len(left) == 1 else query.And(left)) if left else ""


def _term(part: query.Node, without: str) -> ClockTerm | None:
    match part:
        case query.Day(name, day):
            return ClockTerm(name, without, day=day)
        case query.Field("weekday", values):
            return ClockTerm("weekday", without, weekdays=tuple(query.WEEKDAYS.index(one) for one in values))
        case query.Compare("hour", sign, bound):
            return ClockTerm("hour", without, hour=(sign, int(bound)))
        case query.Field("arrived", (value,)):
            return ClockTerm("arrived", without, late=value == "late")
        case _:
            return None
