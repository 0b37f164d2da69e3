"""How files of exports are called when they leave. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from inbox.whole_periods import Period

_LONGEST = 60


def file_name(tables: tuple[str, ...], ending: str, *, schedule: str, period: Period | None, day: date) -> str:
    """Such as klankbord-mentions-2026-11-28.csv; of a schedule its own name and its period, so that they sort.

    Args:
        tables: what it holds.
        ending: of the file, such as csv.
        schedule: name of the schedule; "" for one asked for by hand.
        period: the schedule's period.
        day: when it was asked for, by local time.
    """
    what = slug(schedule) or f"klankbord-{tables[0] if len(tables) == 1 else 'export'}"
    return f"{what}-{day.isoformat() if period is None else period.name}.{ending}"


def slug(name: str) -> str:
    """A name as part of a file name: lower case, ASCII letters, digits and hyphens; may be empty."""
    plain = unicodedata.normalize("NFKD", name[: _LONGEST * 4]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
