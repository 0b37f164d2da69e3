"""The connector's front: lines of work by app or by feed, the meter, the duties, and whose login goes with it all."""

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
    Query,
    Target,
    Task,
)
from connectors.errors import FormatChanged
from connectors.fields import FieldError, as_object
from connectors.items import Item, Json
from connectors.reddit import acting, feed, guide, walk
from connectors.reddit.api import CALLS, PER_PAGE, Api
from connectors.reddit.options import RedditOptions
from connectors.reddit.reading import read_kept
from connectors.requests import HttpRequest, Request, Response, over_http
from connectors.sought import beside, key_of

_TWO_DAYS = timedelta(hours=48)


class Reddit(Connector[RedditOptions]):
    """Searches posts, reads subreddits and our inbox, and answers there.

    Source of every platform fact: recorded answers of the API and Reddit's help pages (docs/connectors/reddit.md).
    """

    name = "reddit"
    platform = "reddit"
    options_type: ClassVar[type[Options]] = RedditOptions
    lookback = timedelta(hours=1)  # the search index lags by minutes, and listings leave things out for a while
    recheck_many = PER_PAGE
    duties = Duties(
        erase_within=_TWO_DAYS,
        recheck_every=timedelta(hours=36),  # early enough that a late turn is still within the two days
        basis="Reddit's Data API terms: content that was deleted on Reddit, and what identifies its author, is deleted "
        "within 48 hours; that must be found out by asking.",
    )

    def __init__(self, options: RedditOptions) -> None:
        super().__init__(options)
        self._api = Api(options)

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        """Each searched term, posts and comments of each subreddit, and our inbox; by feed without an approved app."""
        options = self.options
        ahead = "" if options.approved else "feed-"
        searched = (*options.terms, *(terms if options.search else ()))
        sought = [(term.strip(), beside(term, "reddit")) for term in searched if term.strip()]
        wanted = {f"{term}{more}".casefold(): (term, more) for term, more in sought}
        found = [
            Query(
                key_of(f"{ahead}search:{key}"),
                f"Posts about “{term}”{more}",
                {"kind": f"{ahead}search", "term": term} | ({"beside": more} if more else {}),
            )
            for key, (term, more) in wanted.items()
        ]
        names = {name.casefold(): name for name in (*options.own_subreddits, *options.subreddits)}
        for key, name in names.items():
            about = {"subreddit": name}
            found.append(Query(f"{ahead}posts:{key}", f"Posts in r/{name}", {**about, "kind": f"{ahead}posts"}))
            found.append(
                Query(f"{ahead}comments:{key}", f"Comments in r/{name}", {**about, "kind": f"{ahead}comments"})
            )
        if options.inbox:
            found.append(Query("inbox", "Replies and messages to our account", {"kind": walk.INBOX}))
            found.append(Query("mentions", "Mentions of our account", {"kind": walk.MENTIONS}))
        if not options.approved:
            return [Query(each.id, each.label, {**each.params, "lines": str(len(found))}) for each in found]
        return found

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        return feed.plan(self._api, task) if _by_feed(task.query) else walk.plan(self._api, task)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        parse = feed.parse if _by_feed(task.query) else walk.parse
        return parse(self._api, task, over_http(response))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- one namespace
        """Read one kept thing or entry again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        try:
            kept = as_object(raw, "the kept payload")
            return feed.read_kept(self._api, kept) if "entry" in kept else read_kept(self._api, kept)
        except (FieldError, ValueError) as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """See the contract."""
        return acting.request_for(self._api, action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """See the contract."""
        return acting.result_of(self._api, action, over_http(response))

    def recheck(self, targets: Sequence[Target]) -> Request:
        """See the contract."""
        return acting.recheck(self._api, targets)

    def rechecked(self, targets: Sequence[Target], response: Response) -> ActionResult:
        """See the contract."""
        return acting.rechecked(self._api, targets, over_http(response))

    def meters(self) -> Sequence[Meter]:
        """The calls of the day, where a contract charges by them."""
        most = self.options.calls_per_day
        return () if most is None else (Meter(CALLS, "calls", most),)

    @classmethod
    def connect(cls) -> Connecting:
        """Tell of Reddit's gate, and connect what may be connected."""
        return guide.steps()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        """See the contract."""
        self._api.login.take(kept)

    def login_to_keep(self) -> Mapping[str, str] | None:
        """See the contract."""
        return self._api.login.keep()

    def login_ends_at(self) -> datetime | None:
        """See the contract."""
        return self._api.login.ends_at()

    def refresh(self) -> Request | None:
        """See the contract."""
        return self._api.login.renewal()

    def refreshed(self, response: Response) -> None:
        """See the contract."""
        self._api.login.renewed(over_http(response))

    def hosts(self) -> frozenset[str]:
        """The hosts of the API, and of logins and feeds."""
        names = (urlsplit(address).hostname for address in (self.options.api_url, self.options.www_url))
        return frozenset(name for name in names if name)


def _by_feed(query: Query) -> bool:
    return query.params.get("kind", "").startswith("feed-")
