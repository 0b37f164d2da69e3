"""The way into the settings of the workspace: teams, hours, other days, promised times. Changed by who manages them."""

from __future__ import annotations

from datetime import date

from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.workspace import registry
from inbox.workspace.views import DayView, Preview, TeamInput, TeamView


class Workspace:
    """Teams made on screen. Every method takes the session token and checks it and the role anew."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def teams(self, token: str) -> tuple[TeamView, ...]:
        """All teams with their days, people and open work; those of the configuration first."""
        user = self._entrance.require(token, Permission.MANAGE_SETTINGS)
        return registry.teams(self._desk, user.language)

    def calendars(self, token: str) -> tuple[TeamView, ...]:
        """All teams with the hours and promised times by which figures are counted; for who sees figures."""
        user = self._entrance.reader(token, Permission.FIGURES)
        return registry.teams(self._desk, user.language)

    def add_team(self, token: str, wanted: TeamInput) -> str:
        """Make a team; gives its id.

        Raises:
            BadInput: hours, holidays or promised times that cannot be used.
        """
        return registry.add(self._desk, self._entrance.require(token, Permission.MANAGE_SETTINGS), wanted)

    def change_team(self, token: str, team_id: str, wanted: TeamInput) -> None:
        """Change a team made on screen; the worker works out anew what is due."""
        registry.change(self._desk, self._entrance.require(token, Permission.MANAGE_SETTINGS), team_id, wanted)

    def archive_team(self, token: str, team_id: str) -> None:
        """Put away a team without people and open work."""
        registry.archive(self._desk, self._entrance.require(token, Permission.MANAGE_SETTINGS), team_id)

    def set_day(self, token: str, team_id: str, day: date, *, hours: str = "", name: str = "") -> None:
        """Give a day hours of its own (`10:00-16:00`), or close it with ""."""
        user = self._entrance.require(token, Permission.MANAGE_SETTINGS)
        registry.set_day(self._desk, user, team_id, DayView(day, hours, name))

    def remove_day(self, token: str, team_id: str, day: date) -> None:
        """Let a day be as every other again."""
        registry.remove_day(self._desk, self._entrance.require(token, Permission.MANAGE_SETTINGS), team_id, day)

    def preview(self, token: str, wanted: TeamInput, *, days: tuple[DayView, ...] = ()) -> Preview | None:
        """When a message shortly before closing on Friday would be due; None when nothing is promised."""
        self._entrance.require(token, Permission.MANAGE_SETTINGS)
        return registry.preview(self._desk, wanted, days=days)
