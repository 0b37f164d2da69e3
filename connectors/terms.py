"""What a platform asks of whoever uses it: what it counts or charges, and how long its content may be kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Period(StrEnum):
    """When a meter begins at zero again."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Meter:
    """Something a platform counts or charges, of which a source may use only so much.

    Attributes:
        name: key of `HttpRequest.price`, `Page.spent`.
        unit: how people read it: USD, units, searches.
        limit: most per period, from the options; None only counts.
        period: when it begins anew.
        timezone: IANA name of the zone whose midnight that is.
        writes: True when answering costs of it too: reading then leaves a part of the limit for answers. False for
            what only reading uses, such as a number of searches.
    """

    name: str
    unit: str
    limit: float | None
    period: Period = Period.DAY
    timezone: str = "UTC"
    writes: bool = True


@dataclass(frozen=True, slots=True)
class Duties:
    """What a platform's terms ask of whoever keeps its content. Kept by the worker, whatever people set.

    Attributes:
        erase_within: text and author are erased so long after an upstream removal became known.
        recheck_every: every kept item is asked about again at least so often, because removals are not told.
        keep_at_most: content older than this since it was last seen upstream is refreshed or erased.
        profiles_at_most: the same for what is known of authors.
        may_export: False keeps this platform's rows out of exports and reports' quotations.
        export_per_day: so many of this platform's items at most leave in full for one person on one UTC day; what
            goes beyond leaves as ids only. None without such a rule.
        basis: which rule says so, in one sentence, with where it stands.
    """

    erase_within: timedelta | None = None
    recheck_every: timedelta | None = None
    keep_at_most: timedelta | None = None
    profiles_at_most: timedelta | None = None
    may_export: bool = True
    export_per_day: int | None = None
    basis: str = ""
