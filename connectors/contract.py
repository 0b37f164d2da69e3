"""The contract between a connector and the rest of the house.

A connector is pure. `plan` says what to ask for a stretch of time, `parse` reads one answer. It does no HTTP,
no sleeping, no retrying, no storing, and never reads the clock: instants come in with the window and with the
answer. That makes it testable by handing it recorded answers, and it makes every connector crash-safe for
free, because the collector commits each page's items together with the interval the page proves covered.

The rule a `Page` must keep: **`covered` is what this page alone proves complete**. Newest first, a page proves
everything strictly newer than its oldest item up to the window's end (or up to where the previous page
began); oldest first, everything up to its newest item. Only the platform's own end signal proves the rest of
the window. A short or empty page proves nothing by itself.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from connectors.items import Deleted, Item, Json, Rejected, Visibility
from connectors.requests import Request, Response


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
    """One query and one window, with the connector's own state as last committed ({} at first)."""

    source_id: str
    query: Query
    window: Window
    state: Mapping[str, Json] = field(default_factory=dict)


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


class ActionKind(StrEnum):
    """What we may want to do on a platform."""

    REPLY = "reply"
    LIKE = "like"
    HIDE = "hide"
    DELETE_OWN = "delete_own"
    FETCH_THREAD = "fetch_thread"
    RECHECK = "recheck"


@dataclass(frozen=True, slots=True)
class Action:
    """One wish of the inbox about one item.

    Attributes:
        kind: what to do.
        external_id, namespace, thread_external_id, extra: of the item acted on, as the connector gave them.
        author_handle: whom the item is from, for platforms where a reply must name the person.
        text: the reply, as the agent wrote it.
        visibility: of the item acted on; a reply never becomes more public than that.
        idempotency_key: unique per wish; repeated on a retry.
    """

    kind: ActionKind
    external_id: str
    idempotency_key: str
    namespace: str = ""
    thread_external_id: str | None = None
    author_handle: str | None = None
    text: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What came of an action.

    Attributes:
        items: what the answer shows: our own new post, the fetched thread, the rechecked item.
        deleted: RECHECK found it removed.
        held_for_moderation: the platform accepted it but a moderator must release it first.
    """

    items: tuple[Item, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    held_for_moderation: bool = False


class Options(BaseModel):
    """Base of a connector's own options under a source in `config.yaml`. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


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
        parse_seconds: time limit for `parse` of untrusted bytes; parsing then runs in a process of its own
            that is killed when the limit passes. None parses in the worker itself.
    """

    name: ClassVar[str]
    platform: ClassVar[str]
    options_type: ClassVar[type[Options]]
    lookback: ClassVar[timedelta] = timedelta(minutes=15)
    horizon: ClassVar[timedelta | None] = None
    parse_seconds: ClassVar[float | None] = None

    def __init__(self, options: O_co) -> None:
        self.options = options

    @abstractmethod
    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        """List this source's independent lines of work.

        Args:
            terms: plain words and phrases of the configured brands, for connectors that search; a connector
                that reads its source whole ignores them.
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
