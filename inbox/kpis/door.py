"""The door to figures: `Inbox.figures`. Everything here takes the permission to see figures."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.kpis import reading
from inbox.kpis.views import Asked, BacklogView, By, Curve, KpiRow, Part
from inbox.permissions import Permission
from inbox.views import KpiValue


class Figures:
    """What the work came to: figures of a period with what they rest on."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def values(self, token: str, asked: Asked) -> tuple[KpiValue, ...]:
        """All figures; with a person only those that can be told of one.

        Raises:
            BadInput: a period without zone or length, or a person in a group that is too small to be told apart.
        """
        self._entrance.require(token, Permission.FIGURES)
        return reading.values(self._desk, asked)

    def value(self, token: str, kpi_id: str, asked: Asked) -> KpiValue:
        """One figure.

        Raises:
            BadInput: no such figure, one that cannot be told of a person who is asked for, or as for `values`.
        """
        self._entrance.require(token, Permission.FIGURES)
        return reading.value(self._desk, kpi_id, asked)

    def split(self, token: str, kpi_id: str, asked: Asked, by: By) -> tuple[tuple[str, KpiValue], ...]:
        """One figure by team, source, hour, weekday, day, week or person, in the order of the keys.

        By people it stands under the one key `masked` where fewer than the smallest group are at work.

        Raises:
            BadInput: no such figure or split, or as for `values`.
        """
        self._entrance.require(token, Permission.FIGURES)
        return reading.split(self._desk, kpi_id, asked, by)

    def rows(
        self,
        token: str,
        kpi_id: str,
        asked: Asked,
        part: Part = "counted",
        *,
        only: tuple[By, str] | None = None,
        after: int | None = None,
        limit: int = 200,
    ) -> tuple[KpiRow, ...]:
        """The conversations behind a figure, or behind a part of it as `split` names it (`only`).

        `after` is how many were given already, `limit` 1 to 1000.

        Raises:
            BadInput: no such figure or part, or as for `values`.
        """
        self._entrance.require(token, Permission.FIGURES)
        return reading.rows(self._desk, kpi_id, asked, part, only=only, after=after, limit=limit)

    def survival(self, token: str, asked: Asked) -> Curve:
        """The share of what began in the period that was answered within so many seconds (Kaplan-Meier).

        Raises:
            BadInput: as for `values`.
        """
        self._entrance.require(token, Permission.FIGURES)
        return reading.curve(self._desk, asked)

    def begun(
        self, token: str, asked: Asked, *, within: float | None, limit: int = 200
    ) -> tuple[tuple[KpiRow, ...], int]:
        """The conversations behind the survival curve, and how many there are; at most `limit` (1 to 1000) are told.

        Answered within so many seconds, the newest answer first; with None those that wait, the longest first.

        Raises:
            BadInput: as for `values`.
        """
        self._entrance.require(token, Permission.FIGURES)
        return reading.begun(self._desk, asked, within=within, limit=limit)

    def backlog(self, token: str, asked: Asked) -> BacklogView:
        """The backlog every quarter of an hour of the period, and now. Sources and brands narrow only how it is now.

        Raises:
            BadInput: as for `values`.
        """
        self._entrance.require(token, Permission.FIGURES)
        return reading.backlog(self._desk, asked)
