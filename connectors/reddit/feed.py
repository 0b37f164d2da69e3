"""Reading without an app: the private feeds of a logged-in account, as Atom.

They give title, words, author and address of posts and comments under the same ids as the API; no scores, no removals,
and nothing can be answered. Only an empty page is the end of a feed. Where going older brings the newest entries again,
it is tried once more at the next run, and then what lies below is told as out of reach.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson

from connectors.contract import GapFound, Page, Purpose, Task
from connectors.errors import AuthDead, BadRequest, Forbidden, FormatChanged, RateLimited, Transient
from connectors.feeds.document import Entry
from connectors.feeds.reading import read_feed
from connectors.feeds.xmlfeed import entry_from_xml
from connectors.fields import FieldError, as_object
from connectors.http_status import raise_for_status, retry_at
from connectors.instants import parse_iso
from connectors.items import Author, Capabilities, Item, Json, Kind, Rejected
from connectors.progress import bottom_of, lower_of, proven_down
from connectors.reddit.api import PER_PAGE, Api, Params
from connectors.reddit.reading import COMMENT, MOST_CHARACTERS, POST, SITE
from connectors.requests import HttpRequest, HttpResponse
from connectors.sought import quoted

FEED_SEARCH, FEED_POSTS, FEED_COMMENTS = "feed-search", "feed-posts", "feed-comments"
_NO_APP = "This was read from a feed, without an app that Reddit approved: answer there by hand."
_WORDS = re.compile(r"<!-- SC_OFF -->(.*?)<!-- SC_ON -->", re.DOTALL)
_NAME = re.compile(r"t[13]_[0-9a-z]+")
_LINK = re.compile(r"/comments/([0-9a-z]+)/")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the walk is: below which fullname, and down to which instant the window is proven."""

    after: str | None = None
    edge: str | None = None

    def dump(self) -> str:
        """Write it down for `Request.step`."""
        return orjson.dumps(asdict(self)).decode()


def plan(api: Api, task: Task) -> HttpRequest:
    """Start at the newest entry, or where an earlier chain broke off.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    cursor = task.window.cursor
    if cursor is not None and _NAME.fullmatch(cursor) is None:
        msg = f"{cursor!r} is no place to go on in a feed"
        raise BadRequest(msg)
    return _ask(api, task, Place(cursor))


def parse(api: Api, task: Task, response: HttpResponse) -> Page:
    """Read one page of a feed."""
    place = Place(**orjson.loads(response.request.step))
    _check(response)
    document = read_feed(response.body, response.headers, urlsplit(response.url)._replace(query="").geturl())
    if document.cut_off:
        msg = "Reddit's feed broke off in the middle"
        raise Transient(msg)
    items: list[Item] = []
    rejected = list(document.rejected)
    for entry, raw in document.entries:
        try:
            items.append(read_entry(api, entry, raw))
        except ValueError as error:
            rejected.append(Rejected(str(error), raw))
    times = [item.published_at for item in items if item.published_at is not None]
    window, edge = task.window.interval, None if place.edge is None else datetime.fromisoformat(place.edge)
    pause = timedelta(minutes=int(task.query.params.get("lines", "1")) + 1)
    page = Page(tuple(items), tuple(rejected), poll_after=pause)
    bottom = bottom_of(times)
    if not document.entries or (bottom is not None and bottom < window.start):
        return replace(page, covered=proven_down(window, None, edge))
    if not items or bottom is None:
        msg = f"Reddit sent a feed of {len(document.entries)} entries, none of which can be read"
        raise FormatChanged(msg)
    if place.after is not None and max(times) > (edge or window.end):
        if edge is not None or task.window.purpose is not Purpose.HOLE:
            msg = "Reddit's feed gives its newest entries again instead of older ones"
            raise Transient(msg)
        return Page(gaps=(GapFound(window, "Reddit's feed shows nothing older"),), poll_after=pause)
    last, covered = items[-1].external_id, proven_down(window, bottom, edge)
    lower = lower_of(edge, bottom) or bottom
    after = Place(last, lower.isoformat())
    return replace(page, covered=covered, next=_ask(api, task, after), cursor=last)


def read_entry(api: Api, entry: Entry, raw: Json) -> Item:
    """Read one entry.

    Raises:
        ValueError: it names nothing that Reddit knows, or lacks its words.
    """
    name = entry.id.rpartition("/")[2]
    if _NAME.fullmatch(name) is None:
        msg = f"the entry {entry.id[:80]!r} is neither a post nor a comment"
        raise FieldError(msg)
    comment = name.startswith(COMMENT)
    words = _WORDS.search(entry.html or "")
    link = _LINK.search(entry.link or "")
    who = (entry.author_name or "").removeprefix("/").removeprefix("u/")
    published = parse_iso(entry.published or entry.updated)
    html = words[1].strip() if words is not None else ("" if not comment else entry.html or "")
    return Item(
        external_id=name,
        kind=Kind.COMMENT if comment else Kind.POST,
        html=html,
        title=None if comment else entry.title,
        author=Author(f"u/{who}", handle=who, url=f"{SITE}/user/{who}") if who else None,
        url=entry.link,
        published_at=published,
        thread_external_id=f"{POST}_{link[1]}" if link is not None else (None if comment else name),
        is_own=who.casefold() in api.own,
        capabilities=Capabilities(
            why_not_reply=_NO_APP,
            max_length=MOST_CHARACTERS,
            deep_link=entry.link,
            can_recheck=api.login.renewable,
        ),
        extra={"link": f"{POST}_{link[1]}" if link is not None else name},
        raw=raw,
    )


def read_kept(api: Api, raw: Json) -> Item:
    """Read one kept entry again.

    Raises:
        ValueError: it still cannot be read.
    """
    return read_entry(api, entry_from_xml(as_object(raw)), raw)


def _check(response: HttpResponse) -> None:
    if response.status == 429:
        msg = "Reddit asks us to read this feed less often"
        raise RateLimited(msg, until=retry_at(response))
    if response.status in {401, 403} and b"<feed" not in response.body[:2000]:
        msg = "Reddit does not give this feed: take a fresh token from reddit.com/prefs/feeds, or its access has ended"
        raise AuthDead(msg)
    if response.status == 404:
        msg = "Reddit knows no such subreddit"
        raise Forbidden(msg)
    raise_for_status(response, platform="Reddit")
    if response.status >= 300:
        msg = "Reddit sent something else than the feed"
        raise FormatChanged(msg)


def _ask(api: Api, task: Task, place: Place) -> HttpRequest:
    paging: Params = (("limit", str(PER_PAGE)),)
    if place.after is not None:
        paging = (*paging, ("after", place.after))
    match task.query.params:
        case {"kind": "feed-search", "term": str(term), **more}:
            wanted = (("q", f"{quoted(term)}{more.get('beside', '')}"), ("sort", "new"), ("t", "all"))
            return api.feed("/search.rss", (*wanted, *paging), step=place.dump())
        case {"kind": "feed-posts", "subreddit": str(name)}:
            return api.feed(f"/r/{name}/new/.rss", paging, step=place.dump())
        case {"kind": "feed-comments", "subreddit": str(name)}:
            return api.feed(f"/r/{name}/comments/.rss", paging, step=place.dump())
    msg = "this line of work is no longer configured"
    raise BadRequest(msg)
