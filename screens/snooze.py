"""When a snoozed conversation comes back: the few moments people mean, in their own time zone. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

MORNING = time(9, 0)


def until(choice: str, now: datetime) -> datetime:
    """The instant of a choice. `now` is aware, in the reader's time zone; so is the answer (wall clock kept over DST).

    Args:
        choice: `3h`, `tomorrow` (09:00), `monday` (the next one, 09:00) or `week` (this day next week, 09:00).
        now: the moment of choosing.

    Raises:
        ValueError: another choice.
    """
    match choice:
        case "3h":
            # Through UTC: three hours of waiting, also in the night the clock changes.
            return (now.astimezone(UTC) + timedelta(hours=3)).astimezone(now.tzinfo)
        case "tomorrow":
            days = 1
        case "monday":
            days = 7 - now.weekday()
        case "week":
            days = 7
        case _:
            raise ValueError(choice)
    return datetime.combine(now.date() + timedelta(days=days), MORNING, tzinfo=now.tzinfo)
