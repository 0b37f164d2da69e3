"""The connector's front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from connectors.connecting import Connecting
from connectors.contract import Action, ActionResult, Connector, Options, Page, Query, Task
from connectors.errors import FormatChanged
from connectors.items import Item, Json, Media
from connectors.requests import HttpRequest, HttpResponse, Request, Response, over_http
from connectors.telegram import acting, files, updates
from connectors.telegram.bot import Bot, TelegramOptions
from connectors.telegram.connecting import connect
from connectors.telegram.reading import read


class Telegram(Connector[TelegramOptions]):
    """Reads what is written to a bot, in private, in groups and under channel posts, and answers there.

    Source of every platform fact: the Bot API's documentation, version 10.1 (docs/connectors/telegram.md).
    """

    name = "telegram"
    platform = "telegram"
    options_type: ClassVar[type[Options]] = TelegramOptions
    lookback = timedelta(minutes=1)  # the queue holds everything back until we confirm it: nothing comes late
    horizon = timedelta(hours=24)

    def __init__(self, options: TelegramOptions) -> None:
        super().__init__(options)
        self._bot = Bot(options)

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 -- a bot cannot search
        """One: a bot has one queue."""
        return (Query("updates", "Messages to the bot"),)

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        return updates.plan(self._bot, task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        return updates.parse(self._bot, task, over_http(response))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- it follows from raw
        """Read one kept message again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        try:
            return read(raw)
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """See the contract."""
        return acting.request_for(self._bot, action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        return acting.result_of(self._bot, action, over_http(response))

    def picture(self, media: Media) -> HttpRequest:
        """Ask where a file is: its address holds for an hour."""
        return files.where(self._bot, media)

    def pictured(self, media: Media, response: HttpResponse) -> HttpRequest | None:  # noqa: ARG002 -- the answer tells
        """See the contract."""
        return files.then(self._bot, response)

    @classmethod
    def connect(cls) -> Connecting:
        """See the contract."""
        return connect()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """See the contract."""
        if "token" in kept:
            self._bot.log_in(kept["token"])

    def login_to_keep(self) -> Mapping[str, str] | None:
        """A bot's token never changes by itself."""
        return None

    def hosts(self) -> frozenset[str]:
        """The Bot API's host."""
        return frozenset({self._bot.host})
