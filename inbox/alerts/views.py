"""What screens show of alerts, and what people fill in: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from understanding.measuring import Share
from understanding.spikes.driving import Driver
from understanding.spikes.judging import WINDOWS, By, Condition, Moment

__all__ = [
    "WINDOWS",
    "AlertView",
    "By",
    "Condition",
    "DeliveryView",
    "Driver",
    "DriverView",
    "During",
    "Kind",
    "Moment",
    "Quote",
    "ReceiverView",
    "RuleDraft",
    "RuleView",
    "Running",
    "Scope",
    "SilentSource",
    "Trial",
    "Turn",
]


class During(StrEnum):
    """At which hours a rule looks."""

    ALWAYS = "always"
    OPEN = "open"
    """Only while the team is open."""
    CLOSED = "closed"
    """Only while it is closed."""


class Kind(StrEnum):
    """How a receiver is told."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    CHAT = "chat"
    """Slack, Teams, Mattermost and others that `apprise` knows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted; "", empty and None for all. A theme stands alone, and counts conversations."""

    brand_id: str = ""
    source_ids: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    theme_id: int | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What somebody writes of a rule; see `keeping` for the bounds."""

    name: str
    scope: Scope
    condition: Condition
    during: During = During.ALWAYS
    team_id: str | None = None
    receivers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule in the list.

    Attributes:
        fired: how often, ever; `real` and `false` of these people said that it was, or was not.
        receivers: their names.
        trouble: why it could not be looked at last, in a sentence; empty when it could.
    """

    id: int
    version: int
    draft: RuleDraft
    active: bool
    fired: int
    real: int
    false: int
    receivers: tuple[str, ...]
    checked_at: datetime | None
    trouble: str

    @property
    def precision(self) -> Share:
        """Share of what was judged that was real."""
        return Share(self.real, self.real + self.false)


@dataclass(frozen=True, slots=True)
class Trial:
    """How often a rule would have fired.

    Attributes:
        since, until: what was looked at; since later than asked where less is known.
        moments: when it would have fired, oldest first.
        per_day: messages per local day, as ISO date and count, oldest first.
        n: messages in all.
    """

    since: datetime
    until: datetime
    moments: tuple[Moment, ...]
    per_day: tuple[tuple[str, int], ...]
    n: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A message as it stands now. `text` is empty where it is private or gone."""

    conversation_id: int
    at: datetime
    source: str
    text: str
    private: bool


@dataclass(frozen=True, slots=True)
class DriverView:
    """What drives a spike, with a name that people read."""

    driver: Driver
    label: str


@dataclass(frozen=True, slots=True)
class SilentSource:
    """A source that fell silent.

    Attributes:
        name: as people read it.
        n, expected, sd: what it brought in the window and what is usual; None where only its health tells.
        ill_since: since when it is in trouble; None where it is not, or not for a whole window yet.
    """

    name: str
    n: int | None
    expected: float | None
    sd: float | None
    ill_since: datetime | None


@dataclass(frozen=True, slots=True)
class Turn:
    """How negative it was in the window and before, of what had a sentiment; `accuracy` as measured, None: never."""

    now: Share
    before: Share
    turned: bool
    accuracy: Share | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One telling of one receiver; `alert_id` None for a test."""

    id: int
    alert_id: int | None
    receiver: str
    kind: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    error_text: str | None
    sent_at: datetime | None

    @property
    def stuck(self) -> bool:
        """Whether it ended without having surely arrived."""
        return self.state in {"failed", "unknown"}


@dataclass(frozen=True, slots=True)
class AlertView:
    """What fired, with its explanation.

    Attributes:
        since, until: the window; `until` lies in the future while it runs.
        first: the earliest message of what drives it.
        sampled: messages that were looked at to explain it; fewer than `n` when there were very many.
        verdict: real, false, or None until somebody said.
        running: whether its window, or the cool-down after it, still goes on.
        silent: the sources that fell silent, of a rule about silence; then `n` and `expected` are theirs together, and
            `at_least` is down to how many they are silent.
    """

    id: int
    rule_id: int
    rule: str
    scope: Scope
    since: datetime
    until: datetime
    n: int
    at_least: int
    expected: float | None
    sd: float | None
    n_earlier: int
    fired_at: datetime
    first: Quote | None
    examples: tuple[Quote, ...]
    drivers: tuple[DriverView, ...]
    turn: Turn | None
    sampled: int
    verdict: str | None
    running: bool
    deliveries: tuple[DeliveryView, ...] = field(default=())
    silent: tuple[SilentSource, ...] = ()

    @property
    def hour(self) -> datetime:
        """Start of the last hour of the window: the one that made it fire."""
        return self.until - timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """Who is told. `shown` is all that may be read of the address; `last` what became of the last telling."""

    id: int
    name: str
    kind: Kind
    shown: str
    last: DeliveryView | None


@dataclass(frozen=True, slots=True)
class Running:
    """A spike or a silence that goes on, for one line in the inbox; `silent` are the names of the sources then."""

    alert_id: int
    rule: str
    n: int
    expected: float | None
    window_h: int
    silent: tuple[str, ...] = ()
