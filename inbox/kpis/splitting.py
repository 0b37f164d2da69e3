"""Cases by what they are split by: team, source, person, or local time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from inbox.kpis.tally import Case
from inbox.kpis.views import By

NOW = frozenset({"team", "source", "agent"})
"""By these, what is open now is told too."""


def key_of(by: By, zone: ZoneInfo) -> Callable[[Case], str]:
    """How to find the key of a case.

    Keys: the id of a team or source ("" for none), the id of a person in digits ("" for nobody), hours "00" to "23",
    weekdays "0" (Monday) to "6", days such as "2026-03-29", weeks such as "2026-W13" (ISO 8601), all local.
    """
    return {
        "team": lambda case: case.team_id or "",
        "source": lambda case: case.source_id,
        "agent": lambda case: "" if case.user_id is None else str(case.user_id),
        "hour": lambda case: f"{case.at.astimezone(zone).hour:02}",
        "weekday": lambda case: str(case.at.astimezone(zone).weekday()),
        "day": lambda case: case.at.astimezone(zone).date().isoformat(),
        "week": lambda case: "{:04}-W{:02}".format(*case.at.astimezone(zone).isocalendar()),
    }[by]


def grouped(cases: Iterable[Case], key: Callable[[Case], str]) -> dict[str, list[Case]]:
    """The cases of each key."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(key(case), []).append(case)
    return found
