"""The door to reports: `Inbox.reports`. Who may see figures may make and read them; leads let them go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.reports import making, pdf, scheduling
from inbox.reports.making import Format
from inbox.reports.views import File, ReportRow, ScheduleRow
from inbox.sentences import Sentence


class ReportsDoor:
    """What a week or a month came to, kept as it was."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def make(self, token: str, first: date, last: date, *, lang: str) -> int:
        """Make a report of local days, both included; gives its id. Raises: BadInput."""
        user = self._entrance.require(token, Permission.FIGURES)
        return making.make(self._desk, first, last, lang=lang, made_by=user.id)

    def newest(self, token: str) -> tuple[ReportRow, ...]:
        """The reports made last, the newest first."""
        self._entrance.require(token, Permission.FIGURES)
        return making.newest(self._desk)

    def file(self, token: str, report_id: int, form: Format, lang: str | None = None) -> File:
        """A report as a file. Raises: NotFound, BadInput."""
        self._entrance.require(token, Permission.FIGURES)
        return making.file_of(self._desk, report_id, form, lang)

    def why_no_pdf(self, token: str) -> Sentence | None:
        """Why no PDF can be made here; None when it can."""
        self._entrance.require(token, Permission.FIGURES)
        return pdf.why_not()

    def schedules(self, token: str) -> tuple[ScheduleRow, ...]:
        """The schedules that run."""
        self._entrance.require(token, Permission.FIGURES)
        return scheduling.running(self._desk)

    def schedule(self, token: str, *, every: str, lang: str, receivers: Sequence[str]) -> int:
        """Let a report go out every week or month; gives the schedule's id. Raises: BadInput."""
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        return scheduling.add(self._desk, user, every=every, lang=lang, receivers=receivers)

    def unschedule(self, token: str, schedule_id: int) -> None:
        """Let no report of a schedule go out any more. Raises: NotFound."""
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        scheduling.end(self._desk, user, schedule_id)
