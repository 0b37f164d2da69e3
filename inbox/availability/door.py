"""The door to availability: `Inbox.availability`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from inbox.availability import changing, reading
from inbox.availability.views import Load, OwnState, PersonAtWork, TeamNow
from inbox.entrance import Entrance
from inbox.errors import BadInput
from inbox.permissions import Permission
from inbox.sentences import Sentence


class Availability:
    """Who is there, what they can do, and how much they have."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def own(self, token: str) -> OwnState:
        """How one stands oneself."""
        return reading.own(self._entrance.desk, self._entrance.reader(token, Permission.WORK).id)

    def away(self, token: str, *, until: datetime | None = None) -> bool:
        """Say that one is away, until an instant or until further notice; False when that was so already.

        Raises:
            BadInput: `until` is naive, past, or more than a year ahead.
        """
        user = self._entrance.agent(token)
        return changing.set_away(self._entrance.desk, user.id, away=True, until=until, actor_id=user.id)

    def back(self, token: str) -> bool:
        """Say that one is available again; False when that was so already."""
        user = self._entrance.agent(token)
        return changing.set_away(self._entrance.desk, user.id, away=False, until=None, actor_id=user.id)

    def set_for(self, token: str, user_id: int, *, away: bool, until: datetime | None = None) -> bool:
        """Say it for a colleague (ill, back early). For those who lead."""
        actor = self._entrance.require(token, Permission.MANAGE_WORK)
        return changing.set_away(self._entrance.desk, user_id, away=away, until=until, actor_id=actor.id)

    def plan(
        self,
        token: str,
        user_id: int,
        *,
        hours: str | None,
        skills: Sequence[str],
        most_open: int | None,
    ) -> None:
        """Planned hours (as a team's; None for the team's own), skills and limit of a colleague. For those who lead.

        Raises:
            BadInput: hours, a skill or a limit that cannot be used; says what to write.
        """
        actor = self._entrance.require(token, Permission.MANAGE_WORK)
        changing.plan(self._entrance.desk, user_id, hours=hours, skills=skills, most_open=most_open, actor_id=actor.id)

    def people(self, token: str, *, team_id: str | None = None) -> tuple[PersonAtWork, ...]:
        """Everybody who works on conversations, with state and load. For those who lead."""
        self._entrance.require(token, Permission.MANAGE_WORK)
        return reading.people(self._entrance.desk, team_id)

    def teams(self, token: str) -> tuple[TeamNow, ...]:
        """Every team at this moment. For those who lead."""
        self._entrance.require(token, Permission.MANAGE_WORK)
        return reading.teams(self._entrance.desk)

    def load(self, token: str, *, days: int = 28, team_id: str | None = None, last: date | None = None) -> Load:
        """Inflow per hour and weekday of whole days against people planned; `last` is yesterday when left out.

        Raises:
            BadInput: not 7 to 366 days.
        """
        self._entrance.require(token, Permission.FIGURES)
        if not 7 <= days <= 366:
            raise BadInput(Sentence("Choose 7 to 366 days."), days=days)
        return reading.load(self._entrance.desk, days=days, team_id=team_id, last=last)
