"""When to ask again: adaptive pace, back-off and start-up spread, all pure.

`every` of the configuration is a promise to the reader: a source that works is never asked less often, unless
the platform itself wishes so. It is asked more often while much is new.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_BACKOFF = timedelta(minutes=5)
LONGEST_BACKOFF = timedelta(hours=24)
FASTEST = timedelta(seconds=30)
LONGEST_WISH = timedelta(hours=1)
"""A feed's ttl is often an untouched default of its software; beyond this it is not followed."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of the pace in seconds: `floor` <= `every` <= `cap`."""

    floor: int
    every: int
    cap: int


def bounds(every: timedelta) -> Bounds:
    """Bounds for a configured pace: up to four times as often, but not faster than each 30 s by itself."""
    configured = max(1, int(every.total_seconds()))
    floor = min(configured, max(int(FASTEST.total_seconds()), configured // 4))
    return Bounds(floor=floor, every=configured, cap=max(configured, int(LONGEST_WISH.total_seconds())))


def duplicate_share(received: int, known: int) -> float | None:
    """Part of the received items that was known already, 0-1; None when nothing was received."""
    return None if received <= 0 else min(1.0, max(0.0, known / received))


def next_pace(current_s: int, share: float | None, limits: Bounds) -> int:
    """Seconds to the next poll: below a third known sooner, above two thirds (or nothing at all) later."""
    current = min(limits.every, max(limits.floor, current_s))
    if share is None or share > 2 / 3:
        return min(limits.every, max(current + 1, current * 3 // 2))
    if share < 1 / 3:
        return max(limits.floor, current // 2)
    return current


def next_wait(pace_s: int, *, wish: timedelta | None, limits: Bounds) -> timedelta:
    """Time to the next poll, with the platform's own wish, which may lengthen it up to the cap."""
    wished = 0 if wish is None else int(wish.total_seconds())
    return timedelta(seconds=max(pace_s, min(wished, limits.cap)))


def backoff(failures: int, jitter: float) -> timedelta:
    """Wait after so many failures in a row: 5 min doubled each time up to 24 h, less up to half by jitter.

    Args:
        failures: at least 1.
        jitter: 0-1, random; spreads sources that failed together.
    """
    doubled = FIRST_BACKOFF * int(2 ** min(max(failures, 1) - 1, 20))
    return min(doubled, LONGEST_BACKOFF) * (1 - jitter / 2)


def start_delay(source_id: str, spread: timedelta) -> timedelta:
    """The source's own share of the start-up spread: the same after each start, even over many sources."""
    digest = hashlib.blake2b(source_id.encode(), digest_size=8).digest()
    return spread * (int.from_bytes(digest, "big") / 2**64)


def due_at(now: datetime, wait: timedelta, not_before: datetime | None) -> datetime:
    """The next due instant: after `wait`, and not before every query of the source may be asked again."""
    due = now + wait
    return due if not_before is None else max(due, not_before)
