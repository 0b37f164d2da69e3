"""The door to exports: checks who is there, and delegates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from inbox.entrance import Entrance
from inbox.export_jobs import looking, scheduling, starting
from inbox.export_jobs.starting import Fetched
from inbox.export_jobs.views import Destination, Glimpse, Jobs, Places, ScheduleView, Wanted
from inbox.permissions import Permission
from inbox.whole_periods import Every, days


class Exports:
    """Exports as screens see them. Everybody who may export sees their own; leads and administrators see all."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def glimpse(self, token: str, wanted: Wanted) -> Glimpse:
        """How many messages an export would hold now, and what platforms do not let out. Takes nothing out.

        Raises:
            BadSearch: the search cannot be read.
            BadInput: it cannot be made so.
        """
        return looking.glimpse(self._desk, wanted, actor=self._entrance.require(token, Permission.EXPORT))

    def sample(self, token: str, wanted: Wanted, table: str) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
        """Columns and first rows of a table as they would leave. Takes nothing out. Raises: BadSearch, BadInput."""
        user = self._entrance.require(token, Permission.EXPORT)
        return looking.sample(self._desk, wanted, table, actor=user)

    def days(self, token: str, first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
        """From the first day to the end of the last, both counted in, by the workspace's time: [since, until)."""
        self._entrance.require(token, Permission.EXPORT)
        return days(first, last, ZoneInfo(self._desk.settings.timezone))

    def start(self, token: str, wanted: Wanted) -> int:
        """Ask for an export, which a worker makes whatever becomes of the browser; gives its id.

        Raises:
            BadSearch, BadInput: see `inbox.export_jobs.starting.start`.
        """
        return starting.start(self._desk, self._entrance.require(token, Permission.EXPORT), wanted)

    def all(self, token: str) -> Jobs:
        """One's own exports, newest first; of all for leads and administrators. Raises: NotSignedIn, NotAllowed."""
        return starting.listing(self._desk, self._entrance.require(token, Permission.EXPORT))

    def cancel(self, token: str, job_id: int) -> None:
        """Stop one that has not ended. Raises: NotFound, BadInput."""
        starting.cancel(self._desk, self._entrance.require(token, Permission.EXPORT), job_id)

    def again(self, token: str, job_id: int) -> int:
        """Ask for the same once more, as it is now; gives the new id. Raises: NotFound, BadSearch, BadInput."""
        return starting.again(self._desk, self._entrance.require(token, Permission.EXPORT), job_id)

    def delete(self, token: str, job_id: int) -> None:
        """Take one that ended off the list and off the disk. Raises: NotFound, BadInput."""
        starting.delete(self._desk, self._entrance.require(token, Permission.EXPORT), job_id)

    def fetch(self, token: str, job_id: int) -> Fetched:
        """The file of one's own export; leaves a line in the record. Raises: NotFound."""
        return starting.fetch(self._desk, self._entrance.require(token, Permission.EXPORT), job_id)

    def manifest(self, token: str, job_id: int) -> tuple[str, bytes]:
        """What an export holds, as JSON, and the name of that file. Raises: NotFound."""
        return starting.manifest(self._desk, self._entrance.require(token, Permission.EXPORT), job_id)

    # Again and again

    def places(self, token: str) -> Places:
        """Where scheduled exports may go."""
        self._entrance.require(token, Permission.EXPORT)
        return scheduling.places(self._desk)

    def schedules(self, token: str) -> tuple[ScheduleView, ...]:
        """All scheduled exports with their last runs."""
        return scheduling.listing(self._desk, self._entrance.require(token, Permission.EXPORT))

    def schedule(
        self,
        token: str,
        *,
        name: str,
        wanted: Wanted,
        every: Every,
        hour: int,
        destination: Destination = Destination.KEPT,
        place: str = "",
    ) -> int:
        """Export this again after every day, week or month; gives the schedule's id.

        Raises:
            BadSearch, BadInput: see `inbox.export_jobs.scheduling.add`.
        """
        return scheduling.add(
            self._desk,
            self._entrance.require(token, Permission.EXPORT),
            name=name,
            wanted=wanted,
            every=every,
            hour=hour,
            destination=destination,
            place=place,
        )

    def pause(self, token: str, schedule_id: int, *, paused: bool) -> None:
        """Leave out what would come, or go on. Raises: NotFound."""
        user = self._entrance.require(token, Permission.EXPORT)
        scheduling.pause(self._desk, user, schedule_id, paused=paused)

    def end(self, token: str, schedule_id: int) -> None:
        """Export it no more; what it made stays. Raises: NotFound."""
        scheduling.end(self._desk, self._entrance.require(token, Permission.EXPORT), schedule_id)
