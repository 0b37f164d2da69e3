"""What every step of the inbox stands on: the store, the settings and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from inbox.settings import InboxSettings
from store.engine import Store

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """Store, settings and clock, handed to every function of the inbox. Does not hold any state itself."""

    store: Store
    settings: InboxSettings
    clock: Clock = utc_now
