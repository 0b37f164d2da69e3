"""The door to the trends: checks who is there, and delegates."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.trends import behind, heat, marks, tops, voice, volume
from inbox.trends.views import (
    ALL,
    Behind,
    By,
    HeatMap,
    Mark,
    Only,
    SaidPage,
    Series,
    ShareOfVoice,
    Slice,
    Step,
    Top,
    What,
    before,
)


class Trends:
    """How much was said, when, where and of whom. For who may see figures."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def volume(
        self, token: str, asked: Slice, *, step: Step = "day", by: By | None = None, most: int = volume.SHOWN
    ) -> Series:
        """Volume per step of the workspace's time zone; the `most` largest keys are told apart.

        Raises:
            BadInput, NotFound: a slice that cannot be counted, see `inbox.trends.asking`.
        """
        self._entrance.reader(token, Permission.FIGURES)
        return volume.volume(self._desk, asked, step=step, by=by, most=most)

    def previous(self, asked: Slice) -> Slice:
        """The period of equal length that ends the day before; everything else the same."""
        return before(asked)

    def share_of_voice(self, token: str, asked: Slice) -> ShareOfVoice:
        """Brands against each other, with the period before. Raises: BadInput, NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        return voice.share_of_voice(self._desk, asked)

    def heat_map(self, token: str, asked: Slice) -> HeatMap:
        """Volume by weekday and local hour, and how often each occurred. Raises: BadInput, NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        return heat.heat_map(self._desk, asked)

    def top(self, token: str, asked: Slice, *, what: What, limit: int = 20) -> Top:
        """The largest authors, sites, words or links, with the period before. Raises: BadInput, NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        return tops.top(self._desk, asked, what=what, limit=limit)

    def marks(self, token: str, asked: Slice) -> tuple[Mark, ...]:
        """What explains a turn: queries that changed, gaps; oldest first. Raises: BadInput, NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        return marks.marks(self._desk, asked)

    def rows(self, token: str, asked: Slice, *, only: Only = ALL) -> Behind:
        """The search with which the inbox lists what stands behind a figure. Raises: BadInput, NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        return behind.rows(self._desk, asked, only)

    def messages(
        self, token: str, asked: Slice, *, only: Only = ALL, cursor: str | None = None, limit: int = 50
    ) -> SaidPage:
        """The messages that a figure counts, newest first, exactly as many as it says. Raises: BadInput, NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        return behind.messages(self._desk, asked, only=only, cursor=cursor, limit=limit)
