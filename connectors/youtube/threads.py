"""New comments on our channel: its threads from the newest down, page by page.

The API gives no time to ask from and lists threads by when their first comment was written, so this walk proves first
comments. What is answered later in an older thread is read by the other walk (`rereading`).

The token of a page is the only place to go on from. It can run out; then the walk begins at the top again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

import orjson

from connectors.contract import Page, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import items_of, text_of
from connectors.items import Json
from connectors.progress import bottom_of, lower_of, proven_down
from connectors.requests import HttpRequest, HttpResponse
from connectors.youtube.api import Api
from connectors.youtube.reading import read_threads
from connectors.youtube.trouble import body_of, reason_of

KIND = "commentThreadListResponse"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the walk is: the page's token, and down to which instant the window is proven. Travels with the request."""

    token: str | None = None
    edge: str | None = None

    def dump(self) -> str:
        """Write it down for `Request.step`."""
        return orjson.dumps(asdict(self)).decode()


def plan(api: Api, task: Task) -> HttpRequest:
    """Start at the newest thread, or where an earlier chain broke off."""
    return _ask(api, task, Place(task.window.cursor))


def parse(api: Api, task: Task, response: HttpResponse) -> Page:
    """Read one page of threads."""
    place = Place(**orjson.loads(response.request.step))
    if place.token is not None and reason_of(response) == "invalidPageToken":
        return Page(next=_ask(api, task, Place()))
    body = body_of(response, kind=KIND, renewable=api.login.renewable)
    entries = items_of(body, "items")
    found = read_threads(api, entries, held="status" in task.query.params)
    if entries and all(not isinstance(each, dict) for each in entries):
        msg = f"YouTube sent {len(entries)} threads, none of which can be read"
        raise FormatChanged(msg)
    following = following_token(body, place.token)
    window, edge = task.window.interval, None if place.edge is None else datetime.fromisoformat(place.edge)
    bottom = bottom_of(found.times)
    items, rejected = tuple(found.items), tuple(found.rejected)
    if following is None or (bottom is not None and bottom < window.start):
        return Page(items, rejected, covered=proven_down(window, None, edge))
    covered = None if bottom is None else proven_down(window, bottom, edge)
    lower = lower_of(edge, bottom)
    after = replace(place, token=following, edge=None if lower is None else lower.isoformat())
    return Page(items, rejected, next=_ask(api, task, after), cursor=following, covered=covered)


def following_token(body: dict[str, Json], asked: str | None) -> str | None:
    """The token of the next page; None at the platform's own end.

    Raises:
        FormatChanged: the platform gives the same page again.
    """
    token = text_of(body, "nextPageToken")
    if token is not None and token == asked:
        msg = "YouTube gives the same page again and again"
        raise FormatChanged(msg)
    return token


def _ask(api: Api, task: Task, place: Place) -> HttpRequest:
    channel = task.query.params.get("channel")
    if channel is None:
        msg = "this line of work names no channel"
        raise BadRequest(msg)
    wanted = (("allThreadsRelatedToChannelId", channel),)
    status = task.query.params.get("status")
    judged = () if status is None else (("moderationStatus", status),)
    return api.threads((*wanted, *judged), token=place.token, step=place.dump())
