"""The connector's front: one line of work, and the actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.connecting import Connecting
from connectors.contract import Action, ActionResult, Connector, Duties, Options, Page, Query, Task
from connectors.errors import FormatChanged
from connectors.items import Item, Json
from connectors.requests import HttpRequest, Request, Response, over_http
from connectors.tiktok import acting, comments, webhooks
from connectors.tiktok.account import Account, TikTokOptions
from connectors.tiktok.connecting import connect
from connectors.tiktok.reading import read
from connectors.webhooks import Delivery, Told


class TikTok(Connector[TikTokOptions]):
    """Reads the comments under an account's own videos, and answers there.

    Source of every platform fact: the Business API's documentation of accounts (docs/connectors/tiktok.md).
    """

    name = "tiktok"
    platform = "tiktok"
    options_type: ClassVar[type[Options]] = TikTokOptions
    duties = Duties(
        recheck_every=timedelta(days=7),
        basis=(
            "TikTok's terms for developers: data are deleted when the account holder or a person asks, and are kept no "
            "longer than needed (business-api.tiktok.com/portal)."
        ),
    )
    lookback = timedelta(minutes=1)  # each run reads what changed, whenever it was written
    signing = webhooks.TikTokSigning

    def __init__(self, options: TikTokOptions) -> None:
        super().__init__(options)
        self._account = Account(options)

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 -- brands cannot search
        """One: the account's videos with their comments."""
        return (Query("comments", "Comments under own videos"),)

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        return comments.plan(self._account, task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        return comments.parse(self._account, task, over_http(response))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- one namespace
        """Read one kept entry again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        try:
            return read(raw)
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """See the contract."""
        return acting.request_for(self._account, action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        return acting.result_of(self._account, action, over_http(response))

    def told(self, delivery: Delivery) -> Told | None:
        """See the contract."""
        return webhooks.told(delivery, self._account.login.get("business_id"))

    @classmethod
    def connect(cls) -> Connecting:
        """See the contract."""
        return connect()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """See the contract."""
        self._account.login.take_kept(kept)

    def login_to_keep(self) -> Mapping[str, str] | None:
        """The login as it stands, once there is one."""
        return dict(self._account.login) or None

    def login_ends_at(self) -> datetime | None:
        """See the contract."""
        return self._account.login.ends_at

    def refresh(self) -> Request | None:
        """See the contract."""
        return self._account.renewal()

    def refreshed(self, response: Response) -> None:
        """See the contract."""
        self._account.renewed(over_http(response))

    def hosts(self) -> frozenset[str]:
        """The Business API's host."""
        return frozenset({urlsplit(self.options.api_url).hostname or ""})
