"""The connector's front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.bluesky import linking
from connectors.bluesky.acting import Acting
from connectors.bluesky.lines import MESSAGES, STREAM, Lines, queries_of
from connectors.bluesky.messages import Messages, is_message, read_message
from connectors.bluesky.messaging import Messaging, is_about_message
from connectors.bluesky.options import BlueskyOptions
from connectors.bluesky.reading import Reader, read_kept
from connectors.bluesky.session import Session
from connectors.bluesky.stream import Stream
from connectors.connecting import Connecting
from connectors.contract import Action, ActionResult, Connector, Duties, Options, Page, Query, Target, Task
from connectors.errors import FormatChanged
from connectors.items import Item, Json
from connectors.requests import Request, Response, StreamBatch, over_http


class Bluesky(Connector[BlueskyOptions]):
    """Searches the network or listens to all of it, reads what is directed at our account and what it writes.

    Source of every platform fact: the lexicons and code of bluesky-social/atproto (docs/connectors/bluesky.md).
    """

    name = "bluesky"
    platform = "bluesky"
    options_type: ClassVar[type[Options]] = BlueskyOptions
    keeps_keys = timedelta(days=30)  # the wish's key is the record's own: it is known as long as the record stands
    recheck_many = 25
    duties = Duties(
        erase_within=timedelta(hours=24),
        recheck_every=timedelta(days=2),
        basis=(
            "Who builds on Bluesky is expected to honour deletions promptly (its developer guidelines); search does "
            "not tell of them, so kept posts are asked about again."
        ),
    )

    def __init__(self, options: BlueskyOptions) -> None:
        super().__init__(options)
        self._session = Session(options)

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        """Each term, the notifications and the own posts."""
        return queries_of(self.options, tuple(terms))

    def plan(self, task: Task) -> Request:
        """See the contract."""
        if task.query.params["kind"] == STREAM:
            return self._stream().plan(task)
        if task.query.params["kind"] == MESSAGES:
            return Messages(self._session).plan(task)
        return Lines(self._session, self._reader()).plan(task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        if task.query.params["kind"] == STREAM:
            return self._stream().parse(task, response if isinstance(response, StreamBatch) else over_http(response))
        if task.query.params["kind"] == MESSAGES:
            return Messages(self._session).parse(task, over_http(response))
        return Lines(self._session, self._reader()).parse(task, over_http(response))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- one namespace
        """Read one kept post again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        if not isinstance(raw, dict):
            msg = "the kept post is no object"
            raise FormatChanged(msg)
        try:
            return read_message(raw) if is_message(raw) else read_kept(raw)
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """See the contract."""
        if is_about_message(action):
            return Messaging(self._session).request_for(action)
        return self._acting().request_for(action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        if is_about_message(action):
            return Messaging(self._session).result_of(action, over_http(response))
        return self._acting().result_of(action, over_http(response))

    def keeps_key(self, action: Action) -> timedelta | None:
        """A post has a key of our own; a message gets its id from the server."""
        return None if is_about_message(action) else self.keeps_keys

    def recheck(self, targets: Sequence[Target]) -> Request:
        """See the contract."""
        return self._acting().recheck(targets)

    def rechecked(self, targets: Sequence[Target], response: Response) -> ActionResult:
        """See the contract."""
        return self._acting().rechecked(targets, over_http(response))

    @classmethod
    def connect(cls) -> Connecting:
        """An app password, and what works with it."""
        return linking.steps()

    def refresh(self) -> Request | None:
        """See the contract."""
        return self._session.refresh()

    def refreshed(self, response: Response) -> None:
        """See the contract."""
        self._session.refreshed(over_http(response))

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """See the contract."""
        self._session.take(kept)

    def login_to_keep(self) -> Mapping[str, str] | None:
        """See the contract."""
        return self._session.keep()

    def login_ends_at(self) -> datetime | None:
        """See the contract."""
        return self._session.ends_at

    def hosts(self) -> frozenset[str]:
        """The hosts named in the options."""
        named = (self.options.service, self.options.appview, self.options.jetstream)
        return frozenset(host for host in (urlsplit(each).hostname for each in named) if host)

    def _acting(self) -> Acting:
        return Acting(self._session, self._reader(), self.options.appview)

    def _stream(self) -> Stream:
        return Stream(self._session, self._reader(), self.options.jetstream)

    def _reader(self) -> Reader:
        return Reader(self._session.did, own=frozenset(self.options.own_accounts), can_act=self._session.possible)
