"""The connector's front: which line of work or action a call belongs to, and the login it is made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.connecting import Connecting
from connectors.contract import Action, ActionResult, Connector, Duties, Meter, Options, Page, Query, Task
from connectors.errors import FormatChanged
from connectors.items import Item, Json
from connectors.meta.graph import Graph
from connectors.meta.sixty_days import SixtyDays
from connectors.meta.webhooks import MetaSigning
from connectors.requests import HttpRequest, Request, Response, over_http
from connectors.threads import linking, webhooks
from connectors.threads.acting import Acting
from connectors.threads.lines import METER, Lines, queries_of
from connectors.threads.options import ThreadsOptions
from connectors.threads.reading import Reader
from connectors.webhooks import Delivery, Told


class Threads(Connector[ThreadsOptions]):
    """Reads what is said to one account, and replies there.

    Source of every platform fact: Meta's own collection of Threads calls (docs/connectors/threads.md).
    """

    name = "threads"
    platform = "threads"
    options_type: ClassVar[type[Options]] = ThreadsOptions
    signing = MetaSigning
    duties = Duties(
        recheck_every=timedelta(days=7),
        basis=(
            "Meta Platform Terms, section 3.d: what was removed, or is no longer needed, is deleted "
            "(developers.facebook.com/terms)."
        ),
    )

    def __init__(self, options: ThreadsOptions) -> None:
        super().__init__(options)
        self._kept = SixtyDays()

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        """Own threads and replies with what is said under them, mentions, and each searched word."""
        return queries_of(self.options, terms)

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        return self._lines.plan(task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        return self._lines.parse(task, over_http(response))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- one namespace
        """Read one kept post again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        if not isinstance(raw, dict):
            msg = "the kept post is no object"
            raise FormatChanged(msg)
        try:
            return self._reader.read(raw)
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """See the contract."""
        return self._acting.request(action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        return self._acting.result(action, over_http(response))

    def told(self, delivery: Delivery) -> Told | None:
        """See the contract."""
        return webhooks.told(delivery, self.options)

    def meters(self) -> Sequence[Meter]:
        """Searches; the quota of replies is asked of Threads itself before each."""
        return (Meter(METER, "searches", float(self.options.searches_a_day), writes=False),)

    @classmethod
    def connect(cls) -> Connecting:
        """The way a person connects an account."""
        return linking.connect()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """Use the token that `klankbord connect threads` left, or that another process renewed."""
        self._kept = SixtyDays.of(kept)

    def login_to_keep(self) -> Mapping[str, str] | None:
        """The login as it stands."""
        return self._kept.kept()

    def login_ends_at(self) -> datetime | None:
        """Sixty days after it was given or renewed."""
        return self._kept.ends_at

    def refresh(self) -> HttpRequest | None:
        """Only a kept login is renewed: a renewed one of the options could not be kept."""
        return self._kept.refresh(self._graph, self.options.url, "th_refresh_token") if self._renewable else None

    def refreshed(self, response: Response) -> None:
        """See the contract."""
        self._kept = self._kept.refreshed(self._graph, over_http(response))

    def hosts(self) -> frozenset[str]:
        """The API's host."""
        return frozenset({urlsplit(self.options.url).hostname or ""})

    @property
    def _renewable(self) -> bool:
        return self.options.token is None and self._kept.token is not None

    @property
    def _graph(self) -> Graph:
        token = self.options.token
        return Graph(
            "Threads",
            f"{self.options.url}/{self.options.version}",
            "klankbord connect threads",
            token.get_secret_value() if token is not None else self._kept.token,
            renewable=self._renewable,
        )

    @property
    def _reader(self) -> Reader:
        return Reader(self.options.username)

    @property
    def _lines(self) -> Lines:
        return Lines(self._graph, self.options, self._reader)

    @property
    def _acting(self) -> Acting:
        return Acting(self._graph, self._reader)
