"""How often a feed wants to be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from connectors.feeds.document import Document
from connectors.instants import parse_http_date

#: Content networks tell a year for pages that change daily; a feed is looked at once a day at least.
LONGEST = timedelta(hours=24)
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


def seconds_wished(document: Document | None, headers: Mapping[str, str], received_at: datetime) -> float | None:
    """The longest of the feed's ttl, its update period, and what the server says of caching.

    Args:
        document: the feed; None when the answer was "unchanged".
        headers: of the answer, lower-case names.
        received_at: aware UTC.

    Returns:
        Seconds, at most a day; None without a wish.
    """
    wishes: list[float | None] = [_cache_seconds(headers, received_at)]
    if document is not None:
        wishes.append(document.ttl_minutes * 60 if document.ttl_minutes else None)
        wishes.append(document.update_seconds)
    wish = max((each for each in wishes if each and each > 0), default=None)
    return None if wish is None else min(wish, LONGEST.total_seconds())


def _cache_seconds(headers: Mapping[str, str], received_at: datetime) -> float | None:
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    age = _MAX_AGE.search(control)
    if age is not None:
        return float(age[1])
    try:
        return (parse_http_date(headers.get("expires", "")) - received_at).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
