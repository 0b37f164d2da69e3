"""Slowing down guesses: how long somebody must wait after failed sign-ins. The rule is pure; the counts are stored.

Counted are the failures of the last 15 minutes, per login and per address apart, so that neither many addresses
nor many logins help. Logins and addresses are kept as hashes only.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from inbox.desk import Desk
from inbox.errors import TooManyAttempts
from store.schema import sign_in_attempt

WINDOW = timedelta(minutes=15)
FREE_PER_LOGIN = 5
FREE_PER_ADDRESS = 20
_LONGEST_WAIT_S = 600


def wait_s(failures: Sequence[datetime], *, free: int, now: datetime) -> int:
    """Seconds to wait before the next attempt: none for the first `free`, then 30, 60, 120 … up to 600.

    Args:
        failures: instants of failed attempts, in any order; those outside the window do not count.
        free: how many are free.
        now: the instant of the attempt.
    """
    recent = sorted(at for at in failures if now - WINDOW < at <= now)
    over = len(recent) - free
    if over < 0 or not recent:
        return 0
    delay = min(_LONGEST_WAIT_S, 30 * 2 ** min(over, 10))
    return max(0, math.ceil((recent[-1] + timedelta(seconds=delay) - now).total_seconds()))


def subject_of(kind: str, value: str) -> str:
    """The key under which failures of a login or an address are counted."""
    return hashlib.sha256(f"{kind}\n{value.strip().casefold()}".encode()).hexdigest()


def check(conn: Connection, now: datetime, subjects: dict[str, int]) -> None:
    """Make sure that nobody has to wait. `subjects`: free attempts by subject.

    Raises:
        TooManyAttempts: with the seconds to wait.
    """
    longest = 0
    for subject, free in subjects.items():
        failures = conn.execute(
            select(sign_in_attempt.c.at).where(
                sign_in_attempt.c.subject == subject, sign_in_attempt.c.at > now - WINDOW
            )
        ).scalars()
        longest = max(longest, wait_s(list(failures), free=free, now=now))
    if longest:
        raise TooManyAttempts(longest)


def record(desk: Desk, conn: Connection, now: datetime, subjects: Sequence[str]) -> None:
    """Keep a failure, and forget those outside the window."""
    conn.execute(sign_in_attempt.delete().where(sign_in_attempt.c.at <= now - WINDOW))
    for subject in subjects:
        conn.execute(sign_in_attempt.insert().values(id=desk.store.new_id(), subject=subject, at=now))


def forget(conn: Connection, subject: str) -> None:
    """A login that succeeded starts at zero again."""
    conn.execute(sign_in_attempt.delete().where(sign_in_attempt.c.subject == subject))
