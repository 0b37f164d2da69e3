"""What every step of the inbox stands on: the store, the settings and the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from inbox.recent import Recent
from inbox.secrecy import Secrecy
from inbox.settings import InboxSettings
from inbox.workspace.merged import settings_of
from store.engine import Store

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


class Desk:
    """Store, settings and clock, handed to every function of the inbox. Its only state is what `recent` keeps.

    Attributes:
        declared: the settings of the configuration alone.
        clock: gives the instant, aware UTC.
        facts: told by every event that is written at this desk, such as the bulk action that a step was part of.
        recent: what was read a moment ago and may be believed.
        secrecy: None where nothing needs to be sealed, such as on the command line.
    """

    __slots__ = ("clock", "declared", "facts", "recent", "secrecy", "store")

    def __init__(
        self,
        store: Store,
        settings: InboxSettings,
        clock: Clock = utc_now,
        *,
        facts: Mapping[str, Any] | None = None,
        recent: Recent | None = None,
        secrecy: Secrecy | None = None,
    ) -> None:
        self.store = store
        self.declared = settings
        self.clock = clock
        self.facts: Mapping[str, Any] = facts or {}
        self.recent = recent or Recent()
        self.secrecy = secrecy

    def telling(self, **facts: Any) -> Desk:
        """The same desk, whose events tell these facts too."""
        return Desk(
            self.store,
            self.declared,
            self.clock,
            facts={**self.facts, **facts},
            recent=self.recent,
            secrecy=self.secrecy,
        )

    @property
    def settings(self) -> InboxSettings:
        """The settings that count now: the configuration, with the teams that were made on screen."""
        return settings_of(self.store, self.declared, self.clock())
