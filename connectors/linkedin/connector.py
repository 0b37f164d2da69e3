"""The connector's front: two lines of work, and the actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from connectors.connecting import Connecting
from connectors.contract import Action, ActionResult, Connector, Duties, Meter, Options, Page, Query, Task
from connectors.errors import FormatChanged
from connectors.items import Item, Json
from connectors.linkedin import acting, activity, posts, webhooks
from connectors.linkedin.connecting import connect
from connectors.linkedin.page import CALLS, CompanyPage, LinkedInOptions
from connectors.linkedin.reading import read
from connectors.requests import HttpRequest, Request, Response, over_http
from connectors.webhooks import Delivery, Told

POSTS, ACTIVITY = "posts", "activity"


class LinkedIn(Connector[LinkedInOptions]):
    """Reads comments under a page's posts and posts that mention it, and answers there.

    Source of every platform fact: the Community Management API's documentation (docs/connectors/linkedin.md).
    """

    name = "linkedin"
    platform = "linkedin"
    options_type: ClassVar[type[Options]] = LinkedInOptions
    lookback = timedelta(minutes=10)  # notifications come a little late
    horizon = timedelta(days=60)  # how long LinkedIn keeps notifications
    signing = webhooks.LinkedInSigning
    duties = Duties(
        keep_at_most=timedelta(hours=48),
        profiles_at_most=timedelta(hours=24),
        may_export=False,
        basis="Community Management API, data storage requirements: members' social activity for 48 hours, their "
        "profile data for 24 hours, no export of member data (learn.microsoft.com/linkedin/marketing).",
    )

    def __init__(self, options: LinkedInOptions) -> None:
        super().__init__(options)
        self._page = CompanyPage(options)

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 -- LinkedIn has no search
        """Own posts with their comments, and what LinkedIn tells the page of."""
        return (Query(POSTS, "Own posts and their comments"), Query(ACTIVITY, "News of comments and mentions"))

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        if task.query.id == POSTS:
            return posts.plan(self._page, task)
        return activity.plan(self._page, task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        if task.query.id == POSTS:
            return posts.parse(self._page, task, over_http(response))
        return activity.parse(self._page, task, over_http(response))

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
        return acting.request_for(self._page, action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        return acting.result_of(self._page, action, over_http(response))

    def meters(self) -> Sequence[Meter]:
        """Calls a day, which LinkedIn counts in UTC."""
        return (Meter(CALLS, "calls", float(self.options.calls_per_day)),)

    def told(self, delivery: Delivery) -> Told | None:
        """See the contract."""
        return webhooks.told(delivery, self.options.organization)

    @classmethod
    def connect(cls) -> Connecting:
        """See the contract."""
        return connect()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """See the contract."""
        self._page.login.take_kept(kept)

    def login_to_keep(self) -> Mapping[str, str] | None:
        """The login as it stands, once there is one."""
        return dict(self._page.login) or None

    def login_ends_at(self) -> datetime | None:
        """See the contract."""
        return self._page.login.ends_at

    def refresh(self) -> Request | None:
        """See the contract."""
        return self._page.renewal()

    def refreshed(self, response: Response) -> None:
        """See the contract."""
        self._page.renewed(over_http(response))

    def hosts(self) -> frozenset[str]:
        """The hosts of the API and of the sign-in."""
        names = (urlsplit(address).hostname for address in (self.options.api_url, self.options.sign_in_url))
        return frozenset(name for name in names if name)
