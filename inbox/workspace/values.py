"""Teams of both origins as values. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel, ConfigDict

from inbox.settings import TeamSettings


class OtherDay(BaseModel):
    """A day on which a team's hours differ: closed with "", or such as `10:00-16:00`. A local day."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    day: date
    hours: str = ""
    name: str = ""


class WorkspaceTeam(TeamSettings):
    """A team with what the configuration does not know: its other days, a time zone of its own, where it was made.

    `timezone` is an IANA name; None is the workspace's. `declared` teams are changed in the configuration only.
    """

    timezone: str | None = None
    days: tuple[OtherDay, ...] = ()
    declared: bool = False


def merged(
    declared: Iterable[TeamSettings],
    made: Iterable[WorkspaceTeam],
    days: Iterable[tuple[str, OtherDay]],
) -> tuple[TeamSettings, ...]:
    """Declared teams first, then those made on screen; where both name one, the configuration wins."""
    by_team: dict[str, list[OtherDay]] = {}
    for team_id, day in days:
        by_team.setdefault(team_id, []).append(day)
    first = tuple(declared)
    taken = {team.id for team in first}
    return tuple(
        _with_days(team, by_team.get(team.id, ())) for team in (*first, *(one for one in made if one.id not in taken))
    )


def _with_days(team: TeamSettings, days: Iterable[OtherDay]) -> TeamSettings:
    ordered = tuple(sorted(days, key=lambda one: one.day))
    if isinstance(team, WorkspaceTeam):
        return team.model_copy(update={"days": ordered}) if ordered else team
    if not ordered:
        return team
    return WorkspaceTeam(**team.model_dump(), days=ordered, declared=True)


def span_text(seconds: int | None) -> str | None:
    """Seconds as a promised time is written: `90m`, `4h`; None for None. Days are 24 hours of business time."""
    if seconds is None:
        return None
    return f"{seconds // 3600}h" if seconds % 3600 == 0 else f"{max(1, seconds // 60)}m"
