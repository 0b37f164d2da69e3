"""Which figure was chosen, as it stands in the address, and what is behind it. Pure.

A figure is a part of the page and what was clicked in it: `volume~2026-11-03T00:00:00+01:00~negative`, `week~0~9`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from inbox.trends.views import ALL, THE_REST, Only, Slice

SIGN = "~"
LATE = "late"
"""What was found late: the part, for a step; the key of the headline figure, for the whole period."""
PARTS: Mapping[str, int] = {"volume": 2, "tone": 2, "voice": 1, "tile": 1, "late": 2, "week": 2}
"""The parts in which something can be chosen, and of how many words a choice is."""
_FIELDS: Mapping[str, str] = {
    "source": "source_ids",
    "brand": "brand_ids",
    "lang": "langs",
    "kind": "kinds",
    "sentiment": "sentiments",
}


@dataclass(frozen=True, slots=True)
class Picked:
    """A figure: the part of the page it stands in, the step it is of (None for the whole period), and its key.

    `week`: the weekday (0 is Monday) and hour of a cell of the week.
    """

    part: str
    at: datetime | None
    key: str
    week: tuple[int, int] | None = None

    def only(self, step: str) -> Only:
        """What of its days a figure counts; `step` is the width of a bar."""
        late = self.part == LATE or (self.part, self.key) == ("tile", LATE)
        if self.week is not None:
            return Only(weekday=self.week[0], weekhour=self.week[1])
        return Only(hour=self.at if step == "hour" else None, late=late) if self.at or late else ALL


def written(part: str, *words: str) -> str:
    """A figure as it stands in the address."""
    return SIGN.join((part, *words))


def read(pick: str) -> Picked | None:
    """The figure of an address; None when it says nothing that is known."""
    part = pick.partition(SIGN)[0]
    words = pick.split(SIGN, PARTS.get(part, 0))[1:]
    if not words or len(words) != PARTS.get(part):
        return None
    if len(words) == 1:
        return Picked(part, None, words[0])
    if part == "week":
        return _of_week(words)
    try:
        at = datetime.fromisoformat(words[0])
    except ValueError:
        return None
    return Picked(part, at, words[1]) if at.tzinfo is not None else None


def _of_week(words: Sequence[str]) -> Picked | None:
    numbers = [int(one) if one.isascii() and one.isdecimal() and len(one) < 3 else -1 for one in words]
    sound = 0 <= numbers[0] < 7 and 0 <= numbers[1] < 24
    return Picked("week", None, "", (numbers[0], numbers[1])) if sound else None


def narrowed(whole: Slice, picked: Picked, step: str, by: str, others: Sequence[str] = ()) -> Slice | None:
    """What is behind a figure; None when nothing can be.

    Args:
        whole: what the page is about.
        picked: the figure.
        step: the width of a bar.
        by: what the part is split by; "none" for nothing.
        others: the keys that "other" stands for.
    """
    found: Slice | None = whole
    if picked.at is not None:
        found = _of_step(whole, picked.at.date(), step)
    if found is None or by == "none":
        return found
    keys = tuple(others) if picked.key == THE_REST else (picked.key,)
    return _of_keys(found, by, keys)


def _of_keys(whole: Slice, by: str, keys: tuple[str, ...]) -> Slice | None:
    if by == "theme":
        ids = tuple(int(key) for key in keys if key.isdecimal())
        kept = tuple(one for one in ids if not whole.theme_ids or one in whole.theme_ids)
        return replace(whole, theme_ids=kept) if kept else None
    name = _FIELDS[by]
    wanted: tuple[str, ...] = getattr(whole, name)
    fit = tuple(one for one in keys if not wanted or one in wanted)
    changed: dict[str, Any] = {name: fit}
    return replace(whole, **changed) if fit else None


def _of_step(whole: Slice, day: date, step: str) -> Slice | None:
    first = max(whole.first, day)
    last = min(whole.last, day + timedelta(days=6 if step == "week" else 0))
    return replace(whole, first=first, last=last) if first <= last else None
