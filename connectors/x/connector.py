"""The connector's front: which line of work a question belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.connecting import Connecting
from connectors.contract import (
    Action,
    ActionResult,
    Connector,
    Duties,
    Meter,
    Options,
    Page,
    Period,
    Query,
    Target,
    Task,
)
from connectors.errors import FormatChanged
from connectors.items import Item, Json
from connectors.requests import HttpRequest, Request, Response, StreamBatch, over_http
from connectors.webhooks import Delivery, Told
from connectors.x import acting, connecting, conversations, messages, prices, reading, stream, walk, webhooks
from connectors.x.calls import Calls
from connectors.x.house import House
from connectors.x.login import Login
from connectors.x.options import XOptions
from connectors.x.steps import CONVERSATIONS, MESSAGES, STREAM, queries_of

_MARGIN = timedelta(minutes=5)


class X(Connector[XOptions]):
    """Searches X, reads what is directed at our account, and answers there.

    Source of every platform fact: X's developer documentation and OpenAPI files of 2026 (docs/connectors/x.md).
    """

    name = "x"
    platform = "x"
    options_type: ClassVar[type[Options]] = XOptions
    lookback = timedelta(minutes=5)  # its index lags half a minute; what is read twice may be paid twice
    horizon = timedelta(days=7) - _MARGIN  # search refuses a start that lies further back
    recheck_many = acting.RECHECK_MANY
    signing = webhooks.XSigning
    duties = Duties(
        erase_within=timedelta(hours=24),
        recheck_every=timedelta(days=30),  # each question costs half a cent
        export_per_day=500,
        basis=(
            "X Developer Policy, Content compliance and redistribution: what was removed or changed goes within "
            "24 hours of a request of X or of its owner; at most 500 posts a day may be handed to one person, by hand."
        ),
    )

    def __init__(self, options: XOptions) -> None:
        super().__init__(options)
        self._login = Login(options)
        self._house = House(options, Calls(options), self._login)

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        """The searches or their stream, our mentions, the replies under our posts, our direct messages."""
        return queries_of(self.options, terms)

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        kind = task.query.params["kind"]
        if kind == STREAM:
            return stream.plan(self._house, task)
        if kind == CONVERSATIONS:
            return conversations.plan(self._house, task)
        return messages.plan(self._house, task) if kind == MESSAGES else walk.plan(self._house, task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        kind = task.query.params["kind"]
        if kind == STREAM:
            return stream.parse(
                self._house, task, response if isinstance(response, StreamBatch) else over_http(response)
            )
        answer = over_http(response)
        if kind == CONVERSATIONS:
            return conversations.parse(self._house, task, answer)
        if kind == MESSAGES:
            return messages.parse(self._house, task, answer)
        return walk.parse(self._house, task, answer)

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:
        """Read one kept post or message again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        message = namespace == messages.NAMESPACE or query.params.get("kind") == MESSAGES
        if not isinstance(raw, dict):
            msg = "the kept post is no object"
            raise FormatChanged(msg)
        try:
            return (messages.read_kept if message else reading.read_kept)(raw, self._house.us)
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """See the contract."""
        return acting.request_for(self._house, action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        return acting.result_of(self._house, action, over_http(response))

    def recheck(self, targets: Sequence[Target]) -> Request:
        """See the contract."""
        return acting.recheck(self._house, targets)

    def rechecked(self, targets: Sequence[Target], response: Response) -> ActionResult:
        """See the contract."""
        return acting.rechecked(self._house, targets, over_http(response))

    def told(self, delivery: Delivery) -> Told | None:
        """See the contract."""
        return webhooks.told(delivery, self.options)

    def meters(self) -> Sequence[Meter]:
        """Dollars a day and a month, both of UTC, as X counts them."""
        return (
            Meter(prices.DAY, "USD", self.options.usd_per_day),
            Meter(prices.MONTH, "USD", self.options.usd_per_month, Period.MONTH),
        )

    @classmethod
    def connect(cls) -> Connecting:
        """See the contract."""
        return connecting.steps()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """See the contract."""
        self._login.take(kept)

    def login_to_keep(self) -> Mapping[str, str] | None:
        """See the contract."""
        return self._login.keep()

    def login_ends_at(self) -> datetime | None:
        """See the contract."""
        return self._login.ends_at

    def refresh(self) -> Request | None:
        """See the contract."""
        return self._login.renewal()

    def refreshed(self, response: Response) -> None:
        """See the contract."""
        self._login.renewed(over_http(response))

    def hosts(self) -> frozenset[str]:
        """The API's host."""
        return frozenset({urlsplit(self.options.api).hostname or ""})
