"""What somebody wants to see of the service levels, as it stands in the address of the page. Pure.

An address is written by people too: what means nothing is left away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from inbox.kpis.views import By, Part
from screens import period_choice
from screens.period_choice import USUAL, Wanted

_Word = TypeVar("_Word", bound=str)
SECTIONS: Sequence[str] = ("overview", "answers", "promised", "backlog", "load", "people")
PARTS: Sequence[Part] = ("counted", "missed", "left_out", "open")
"""Parts of a figure whose rows can be listed."""
SPLITS: Sequence[By] = ("team", "source", "hour", "weekday")
TIMES: Sequence[int] = (900, 3600, 4 * 3600, 8 * 3600, 86_400, 2 * 86_400, 7 * 86_400)
"""Seconds of which the share of first answers is told, and whose conversations can be listed."""
WAITING = "waiting"
WITHIN: Sequence[str] = ("", *map(str, TIMES), WAITING)
"""Which conversations are listed under the curve of first answers."""
_FIELDS: Sequence[str] = ("team", "source", "section", "figure", "rows", "only", "person", "by", "within")
NAMES: Sequence[str] = (*period_choice.ADDRESS, *_FIELDS)
"""Names in the address."""
_CUTS: Sequence[By] = (*SPLITS, "day", "week")
_MOST, _LONGEST, _DIGITS = 50, 100, 17


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see.

    Attributes:
        teams, sources: ids that narrow it; empty for all.
        section: the part of the page.
        figure: the figure that is opened, with its formula and its rows; empty for none.
        part: which of its rows.
        only: which part of a split the rows are of, such as `hour.14`; empty for all.
        person: id of somebody whose part of the figure is shown alone; None for everybody.
        by: what promised times are split by.
        within: of first answers, those whose conversations are listed: within so many seconds, or still waiting.
    """

    period: Wanted = USUAL
    teams: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    section: str = SECTIONS[0]
    figure: str = ""
    part: Part = PARTS[0]
    only: str = ""
    person: int | None = None
    by: By = SPLITS[0]
    within: str = ""

    @property
    def only_of(self) -> tuple[By, str] | None:
        """The same as a split and a key."""
        by, dot, key = self.only.partition(".")
        return next(((one, key) for one in _CUTS if one == by and dot), None)


def read(address: Mapping[str, str], figures: Collection[str]) -> Wish:
    """What an address asks for; `figures` are the ids there are."""
    return Wish(
        period=period_choice.from_address(address),
        teams=_ids(address.get("team", "")),
        sources=_ids(address.get("source", "")),
        section=one_of(address.get("section"), SECTIONS),
        figure=figure if (figure := address.get("figure", "")) in figures else "",
        part=one_of(address.get("rows"), PARTS),
        only=address.get("only", "")[:_LONGEST],
        person=_number(address.get("person", "")),
        by=one_of(address.get("by"), SPLITS),
        within=one_of(address.get("within"), WITHIN),
    )


def written(wish: Wish) -> dict[str, str]:
    """The address that asks for it; what is as usual is left away."""
    plain = Wish()
    values = {
        **wish.period.address(),
        "team": ",".join(wish.teams),
        "source": ",".join(wish.sources),
        "section": "" if wish.section == plain.section else wish.section,
        "figure": wish.figure,
        "rows": "" if wish.part == plain.part else wish.part,
        "only": wish.only,
        "person": "" if wish.person is None else str(wish.person),
        "by": "" if wish.by == plain.by else wish.by,
        "within": wish.within,
    }
    return {name: value for name, value in values.items() if value}


def one_of(value: object, known: Sequence[_Word]) -> _Word:
    """The known word that was given; the first one for what nobody knows."""
    return next((one for one in known if one == value), known[0])


def _number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdecimal() and len(written) < _DIGITS else None


def _ids(written: str) -> tuple[str, ...]:
    parts = [part for part in written.split(",") if part and len(part) <= _LONGEST and part.isprintable()]
    return tuple(dict.fromkeys(parts[:_MOST]))
