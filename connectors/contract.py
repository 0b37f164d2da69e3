"""The contract between a connector and the rest of the house.

A connector is pure. `plan` says what to ask for a stretch of time, `parse` reads one answer. It does no HTTP,
no sleeping, no retrying, no storing, and never reads the clock: instants come in with the window and with the
answer. That makes it testable by handing it recorded answers, and it makes every connector crash-safe for
free, because the collector commits each page's items together with the interval the page proves covered.

The rule a `Page` must keep: **`covered` is what this page alone proves complete**. Newest first, a page proves
everything strictly newer than its oldest item up to the window's end (or up to where the previous page
began); oldest first, everything up to its newest item. Only the platform's own end signal proves the rest of
the window. A short or empty page proves nothing by itself.

All that a connector names is imported from here; actions and terms are spelt out in files of their own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from connectors.actions import Action, ActionKind, ActionResult, Target
from connectors.connecting import Connecting
from connectors.items import Deleted, Item, Json, Media, Rejected
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from connectors.terms import Duties, Meter, Period
from connectors.webhooks import Delivery, Signing, Told

__all__ = [
    "Action",
    "ActionKind",
    "ActionResult",
    "Connector",
    "Duties",
    "GapFound",
    "Interval",
    "Meter",
    "Options",
    "Page",
    "Period",
    "Purpose",
    "Query",
    "Target",
    "Task",
    "Window",
]


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A stretch of time [start, end), both aware UTC, start < end.

    Raises:
        ValueError: when an instant is naive or the interval is empty.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            msg = f"an interval needs aware instants, got {self.start} .. {self.end}"
            raise ValueError(msg)
        if self.start >= self.end:
            msg = f"an interval must end after it starts, got {self.start} .. {self.end}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Query:
    """One independent line of work inside a source: a feed's URL, a hashtag on one instance, a search term.

    Each has its own coverage, state, validators and back-off, so that one refused query stops no other.

    Attributes:
        id: stable key within the source, at most 200 characters; part of the coverage ledger's key.
        label: how people read it in source health.
        params: what the connector needs to plan it.
    """

    id: str
    label: str
    params: Mapping[str, str] = field(default_factory=dict)


class Purpose(StrEnum):
    """Why a window is asked."""

    EXTEND = "extend"
    HOLE = "hole"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class Window:
    """What to ask: the stretch of time, and where an earlier, broken-off chain stopped.

    Attributes:
        interval: the time to cover.
        cursor: a `Page.cursor` of an earlier run inside this interval; None to start from the newest.
        purpose: extend to now, fill a hole, or an asked-for back-fill.
    """

    interval: Interval
    cursor: str | None = None
    purpose: Purpose = Purpose.EXTEND


@dataclass(frozen=True, slots=True)
class Task:
    """One query and one window, with the connector's own state as last committed ({} at first).

    Attributes:
        left: what may still be used of each of the connector's meters when the call that is planned or read here was
            asked; one that is missing has no limit. A connector that pays per item asks for no more than it can pay.
    """

    source_id: str
    query: Query
    window: Window
    state: Mapping[str, Json] = field(default_factory=dict)
    left: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GapFound:
    """A stretch that the platform can no longer show, noticed while reading; recorded and shown."""

    interval: Interval
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer holds.

    Attributes:
        items: read items, in the order of the answer.
        rejected: items that could not be read; they go to quarantine.
        deleted: definite upstream deletions.
        next: the next request of this chain; None when the platform's own end signal was seen.
        cursor: resume point for `Window.cursor`, stored with the hole when the page budget ends here.
        covered: what this page proves complete (see the module's rule); None when it proves nothing.
        gaps: stretches found to be out of reach.
        state: the connector's new state, committed with the rows; None leaves it as it was.
        poll_after: the platform's own wish for the time between polls (a feed's ttl); None without one.
        spent: what the answer really cost, by name of meter; None: what the request said it could cost.
    """

    items: tuple[Item, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    next: Request | None = None
    cursor: str | None = None
    covered: Interval | None = None
    gaps: tuple[GapFound, ...] = ()
    state: Mapping[str, Json] | None = None
    poll_after: timedelta | None = None
    spent: Mapping[str, float] | None = None


class Options(BaseModel):
    """Base of a connector's own options under a source in `config.yaml`. Unknown keys are refused.

    What is refused is never repeated in an error's text: it may be a secret in the wrong place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True)


def _recheck_of(targets: Sequence[Target]) -> Action:
    (one,) = targets
    return Action(
        ActionKind.RECHECK, one.external_id, f"recheck {one.external_id}", namespace=one.namespace, extra=one.extra
    )


O_co = TypeVar("O_co", bound=Options, covariant=True)


class Connector(ABC, Generic[O_co]):
    """Base class of every connector; one instance per source.

    Third parties subclass it, register the class under the entry-point group `klankbord.connectors`, and run
    `connectors.conformance` against it.

    Class attributes:
        name: the word used in `config.yaml`; also the platform's name on mentions unless `platform` differs.
        platform: platform name stored on mentions.
        options_type: pydantic model of the options.
        lookback: how far back each run asks again, because the platform shows items late.
        horizon: how far back the platform can answer at all; None when it has no limit.
        keeps_keys: how long the platform remembers an idempotency key: a write repeated with the same key within
            that time gives the first one's result. None where repeating a write could do it twice. Where some actions
            have a key and others do not, `keeps_key` says it for each.
        duties: what the platform's terms ask of whoever keeps its content.
        recheck_many: most items in one `recheck`.
        takes_messages: programs may push whole messages to its sources through the API.
        signing: how its platform signs what it pushes (`connectors.webhooks`); None where nothing pushed is taken.
        parse_seconds: time limit for `parse` of untrusted bytes; parsing then runs in a process of its own
            that is killed when the limit passes. None parses in the worker itself.
    """

    name: ClassVar[str]
    platform: ClassVar[str]
    options_type: ClassVar[type[Options]]
    lookback: ClassVar[timedelta] = timedelta(minutes=15)
    horizon: ClassVar[timedelta | None] = None
    keeps_keys: ClassVar[timedelta | None] = None
    duties: ClassVar[Duties] = Duties()
    recheck_many: ClassVar[int] = 1
    takes_messages: ClassVar[bool] = False
    signing: ClassVar[type[Signing] | None] = None
    parse_seconds: ClassVar[float | None] = None

    def __init__(self, options: O_co) -> None:
        self.options = options

    @abstractmethod
    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        """List this source's independent lines of work.

        Args:
            terms: plain words and phrases of the configured brands, for connectors that search; a connector
                that reads its source whole ignores them. Each is a `connectors.sought.Sought`, or plain text.
        """

    @abstractmethod
    def plan(self, task: Task) -> Request:
        """Say how the chain of requests for this task begins.

        Raises:
            BadRequest: the query cannot be asked of this platform.
        """

    @abstractmethod
    def parse(self, task: Task, response: Response) -> Page:
        """Read one answer.

        One unreadable item goes into `Page.rejected`. Does not raise for a single bad item.

        Raises:
            ConnectorError: the whole answer is an error or not what was asked for.
        """

    def act(self, action: Action) -> Request:
        """Say which request performs an action.

        Raises:
            Forbidden: this connector or platform cannot do it.
        """
        from connectors.errors import Forbidden

        msg = f"{self.platform} offers no way to {action.kind.value.replace('_', ' ')} through its API"
        raise Forbidden(msg)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """Read the answer to `act`.

        Raises:
            ConnectorError: the action failed; `Transient` when it is unknown whether it happened.
        """
        from connectors.errors import Forbidden

        msg = f"{self.platform} offers no way to {action.kind.value.replace('_', ' ')} through its API"
        raise Forbidden(msg)

    def keeps_key(self, action: Action) -> timedelta | None:
        """How long the platform remembers the idempotency key of this action, where that differs from `keeps_keys`."""
        del action
        return self.keeps_keys

    def recheck(self, targets: Sequence[Target]) -> Request:
        """Ask whether kept items still stand: at most `recheck_many`, all of one namespace.

        Unless a connector says otherwise, the one item is asked for as the action RECHECK does.

        Raises:
            Forbidden: the platform cannot be asked.
        """
        return self.act(_recheck_of(targets))

    def rechecked(self, targets: Sequence[Target], response: Response) -> ActionResult:
        """Read the answer to `recheck`: the items that stand, and `deleted` for those that surely do not.

        An item that is in neither stays as it is: only a definite signal removes something.

        Raises:
            ConnectorError: the whole answer is an error.
        """
        return self.acted(_recheck_of(targets), response)

    def told(self, delivery: Delivery) -> Told | None:
        """Read what a delivery, whose signature was checked, tells of this source; None: it is about something else.

        Raises:
            FormatChanged: it is nothing that this platform is known to send.
        """
        return None

    def picture(self, media: Media) -> HttpRequest:
        """Say which call brings a picture of an item of this source: its address, unless a connector knows better.

        A connector that overrides it is given its login first. What addresses may be called is the caller's business.

        Raises:
            ConnectorError: it cannot be fetched.
        """
        return HttpRequest(media.url, headers={"Accept": "image/*"})

    def pictured(self, media: Media, response: HttpResponse) -> HttpRequest | None:
        """Read the answer to `picture`: the next call where the platform first says where it is, None for the picture.

        Raises:
            ConnectorError: the platform's own error.
        """
        return None

    def meters(self) -> Sequence[Meter]:
        """What this source may use of what the platform counts or charges."""
        return ()

    @classmethod
    def connect(cls) -> Connecting | None:
        """The way a person connects an account, step by step (`connectors.connecting`); None without one."""
        return None

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """Use a login that was kept: by `connect`, or by `login_to_keep` of an earlier process.

        Called before the first request and whenever another process renewed it. Options win where both name a secret.
        """

    def login_to_keep(self) -> Mapping[str, str] | None:
        """The login as it stands, to be kept encrypted; None when there is nothing beyond the options.

        Asked after `refreshed` and after each answer whose reading changed it: a platform that rotates its refresh
        token must not be able to lock us out by a crash.
        """
        return None

    def login_ends_at(self) -> datetime | None:
        """Aware UTC instant at which the login runs out, so that it is renewed before; None when unknown."""
        return None

    def refresh(self) -> Request | None:
        """Say how to renew an expired login without a person; None when only a person can."""
        return None

    def refreshed(self, response: Response) -> None:
        """Take the renewed login from the answer to `refresh`; later requests use it.

        Raises:
            AuthDead: the login cannot be renewed without a person.
        """
        from connectors.errors import AuthDead

        msg = f"{self.platform} gave no renewed login; a person has to log in again"
        raise AuthDead(msg)

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:
        """Read one kept item again: `Item.raw` of a stored mention, or `Rejected.payload` out of quarantine.

        Must give the same `external_id` and `namespace` as `parse` did for this payload.

        Args:
            raw: the item's part of the payload, as `parse` handed it over.
            namespace: `Item.namespace` as it was kept; None for a quarantined item, whose namespace was never
                known: then it follows from the query.
            query: the query that found it; its params may be empty when the configuration no longer has it.

        Raises:
            BadRequest: this connector cannot read kept payloads again.
            FormatChanged: this payload still cannot be read.
        """
        from connectors.errors import BadRequest

        msg = f"the {self.name} connector does not support reading kept payloads again (remap)"
        raise BadRequest(msg)

    def hosts(self) -> frozenset[str]:
        """Host names this source was configured with: the only private addresses it may reach."""
        return frozenset()
