"""The connector's front: two lines of work per forum, and the actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from connectors.contract import Action, ActionResult, Connector, Duties, Options, Page, Query, Task
from connectors.discourse import acting, active, latest
from connectors.discourse.reading import read_kept
from connectors.discourse.site import DiscourseOptions, Site
from connectors.errors import FormatChanged
from connectors.items import Item, Json
from connectors.requests import HttpRequest, Request, Response, over_http

LATEST = "posts"
ACTIVE = "active-topics"


class Discourse(Connector[DiscourseOptions]):
    """Reads all posts of a Discourse forum, and answers there.

    Source of every platform fact: the forum software's public API description and its controllers
    (docs/connectors/discourse.md).
    """

    name = "discourse"
    platform = "discourse"
    options_type: ClassVar[type[Options]] = DiscourseOptions
    duties = Duties(
        erase_within=timedelta(hours=24),
        recheck_every=timedelta(days=30),
        basis=(
            "No rule of the software: whoever removes a post on a forum expects it to be gone (GDPR, articles 5(1)(d) "
            "and 17), and old posts are read again by nobody"
        ),
    )

    def __init__(self, options: DiscourseOptions) -> None:
        super().__init__(options)
        self._site = Site(options)

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 -- a forum is read whole
        """All new posts, and the second reading of active topics."""
        return (
            Query(LATEST, f"New posts on {self._site.host}"),
            Query(ACTIVE, f"Changes in active topics on {self._site.host}"),
        )

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        if task.query.id == ACTIVE:
            return active.plan(self._site, task)
        return latest.plan(self._site, task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        if task.query.id == ACTIVE:
            return active.parse(self._site, task, over_http(response))
        return latest.parse(self._site, task, over_http(response))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- one forum, one namespace
        """Read one kept post again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        try:
            return read_kept(raw, self._site)
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """See the contract."""
        return acting.request_for(self._site, action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        return acting.result_of(self._site, action, over_http(response))

    def hosts(self) -> frozenset[str]:
        """The forum's own host."""
        return frozenset({self._site.host})
