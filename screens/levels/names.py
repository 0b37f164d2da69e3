"""Names of the parts that figures are split in: teams, sources, hours, weekdays, days, weeks."""

from __future__ import annotations

from datetime import date

from inbox.kpis.views import By
from screens.i18n import _, current, full_date
from screens.levels.asking import Asking


def of(by: By, key: str, asking: Asking) -> str:
    """The name of a part, as people read it; the key itself where it means nothing."""
    if by == "team":
        return asking.teams.get(key, key) or _("Without a team")
    if by == "source":
        return asking.sources.get(key, key)
    if by == "weekday" and key in {str(number) for number in range(7)}:
        return str(current().locale.days["stand-alone"]["wide"][int(key)])
    if by == "hour":
        return f"{key}:00"
    first = begins(by, key)
    if first is None:
        return key
    return full_date(first) if by == "day" else _("week from {day}").format(day=full_date(first))


def begins(by: By, key: str) -> date | None:
    """The first day of a part of time; None for what is none."""
    try:
        return date.fromisoformat(key if by == "day" else f"{key}-1")
    except ValueError:
        return None
