"""The connector's front: lines of work, meters, duties, and whose login goes with it all."""

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
from connectors.errors import BadRequest, FormatChanged
from connectors.items import Item, Json
from connectors.requests import HttpRequest, Request, Response, over_http
from connectors.youtube import acting, guide, rereading, search, threads, watching
from connectors.youtube.api import IDS_PER_CALL, SEARCHES, UNITS, Api
from connectors.youtube.options import YouTubeOptions
from connectors.youtube.reading import read_kept
from connectors.youtube.trouble import PACIFIC

CHANNEL, REPLIES, HELD, SEARCH, WATCHED = "channel", "replies", "held", "search", "watched"
JUDGED = {"heldForReview": "held for review", "likelySpam": "that are probably spam"}
"""Comments that no one sees yet, by their moderation status."""


class YouTube(Connector[YouTubeOptions]):
    """Reads comments on our channel and on chosen videos, finds videos about the brand, and answers there.

    Source of every platform fact: the API's discovery document of revision 20261104 and its documentation
    (docs/connectors/youtube.md).
    """

    name = "youtube"
    platform = "youtube"
    options_type: ClassVar[type[Options]] = YouTubeOptions
    lookback = timedelta(hours=1)
    recheck_many = IDS_PER_CALL
    duties = Duties(
        erase_within=timedelta(days=7),
        recheck_every=timedelta(days=7),
        keep_at_most=timedelta(days=30),
        profiles_at_most=timedelta(days=30),
        basis="YouTube API Services Developer Policies, III.E.4: data is refreshed or deleted within 30 days, and "
        "deleted within 7 days when its owner asks.",
    )

    def __init__(self, options: YouTubeOptions) -> None:
        super().__init__(options)
        self._api = Api(options)

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        """Our channel's comments and its threads read again, held comments, chosen videos, and each searched term."""
        options, channel = self.options, self.options.channel_id
        wanted = self._terms(terms)
        found: list[Query] = []
        if channel is not None:
            about = {"kind": CHANNEL, "channel": channel}
            found.append(Query(f"channel:{channel}", f"Comments on our channel {channel}", about))
            again = {"kind": REPLIES, "channel": channel}
            found.append(Query(f"replies:{channel}", f"Replies and changes on our channel {channel}", again))
        if channel is not None and options.held:
            found += [
                Query(f"held:{channel}:{status}", f"Comments {words}", {**about, "kind": HELD, "status": status})
                for status, words in JUDGED.items()
            ]
        if options.videos:
            found.append(Query("videos", "Comments on chosen videos", {"kind": WATCHED}))
        found += [
            Query(
                f"search:{term.casefold()}"[:200],
                f"Videos about “{term}”",
                {"kind": SEARCH, "term": term, "terms": str(len(wanted))},
            )
            for term in wanted
        ]
        return list({query.id: query for query in found}.values())

    def _terms(self, terms: Sequence[str]) -> list[str]:
        wanted = (*self.options.terms, *(terms if self.options.search else ()))
        return list({term.strip().casefold(): term.strip() for term in wanted if term.strip()}.values())

    def plan(self, task: Task) -> HttpRequest:
        """See the contract."""
        match task.query.params.get("kind"):
            case "channel" | "held":
                return threads.plan(self._api, task)
            case "replies":
                return rereading.plan(self._api, task)
            case "watched":
                return watching.plan(self._api, task)
            case "search":
                return search.plan(self._api, task)
        msg = f"{task.query.label} is no longer configured for this source"
        raise BadRequest(msg)

    def parse(self, task: Task, response: Response) -> Page:
        """See the contract."""
        answer = over_http(response)
        match task.query.params.get("kind"):
            case "channel" | "held":
                return threads.parse(self._api, task, answer)
            case "replies":
                return rereading.parse(self._api, task, answer)
            case "watched":
                return watching.parse(self._api, task, answer)
        return search.parse(self._api, task, answer, terms=int(task.query.params.get("terms", "1")))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- the payload tells
        """Read one kept comment or video again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        try:
            return read_kept(self._api, raw)
        except ValueError as error:
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
        """The project's quota: units of all calls, and searches, which have a bucket of their own."""
        return (
            Meter(UNITS, "units", self.options.units_per_day, timezone=PACIFIC),
            Meter(SEARCHES, "searches", self.options.searches_per_day, timezone=PACIFIC, writes=False),
        )

    @classmethod
    def connect(cls) -> Connecting:
        """Log the channel's owner in, step by step."""
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
        """The hosts of the API and of the login."""
        names = (urlsplit(address).hostname for address in (self.options.api_url, self.options.token_url))
        return frozenset(name for name in names if name)
