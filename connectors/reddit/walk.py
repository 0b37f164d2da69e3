"""The walk through a listing, newest first: search, a subreddit's posts or comments, our inbox.

A listing goes older by `after`, the fullname of the last thing shown. `before` is not used: when the thing it names was
deleted, the answer is empty for ever. A listing ends after about a thousand things whatever there is; a window that
reaches further is told as out of reach, never as empty.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

import orjson

from connectors.contract import GapFound, Page, Task
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import items_of, part, text_of
from connectors.items import Json
from connectors.progress import bottom_of, lower_of, proven_down
from connectors.reddit.api import PER_PAGE, Api, Params
from connectors.reddit.reading import read_things
from connectors.reddit.trouble import body_of
from connectors.requests import HttpRequest, HttpResponse
from connectors.sought import quoted

SEARCH, POSTS, COMMENTS, INBOX, MENTIONS = "search", "posts", "comments", "inbox", "mentions"
_NEAR_THE_END = {SEARCH: 240}
"""Things after which an end is the listing's and not the subject's: search shows some 250."""
_LISTING_ENDS = 950
_ACCOUNTS = "t2"
_SUBREDDITS = "t5"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the walk is; travels with the request.

    Attributes:
        after: fullname of the last thing seen; None for the newest.
        seen: things seen so far in this listing.
        edge: ISO instant down to which the window is proven.
        resumed: an earlier chain broke off here.
    """

    after: str | None = None
    seen: int = 0
    edge: str | None = None
    resumed: bool = False

    def dump(self) -> str:
        """Write it down for `Request.step`."""
        return orjson.dumps(asdict(self)).decode()

    def cursor(self) -> str:
        """What resumes a broken-off chain here; the window then says what is proven."""
        return f"{self.after}|{self.seen}"


def plan(api: Api, task: Task) -> HttpRequest:
    """Start at the newest thing, or where an earlier chain broke off.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    if task.window.cursor is None:
        return _ask(api, task, Place())
    after, _, seen = task.window.cursor.partition("|")
    if not seen.isdigit() or not after.replace("_", "").isalnum():
        msg = f"{task.window.cursor!r} is no place to go on in a listing"
        raise BadRequest(msg)
    return _ask(api, task, Place(after, int(seen), resumed=True))


def parse(api: Api, task: Task, response: HttpResponse) -> Page:
    """Read one page of a listing."""
    place = Place(**orjson.loads(response.request.step))
    listing = listing_of(body_of(response, renewable=api.login.renewable))
    children = items_of(listing, "children")
    kind = task.query.params["kind"]
    if children and all(isinstance(each, dict) and each.get("kind") in {_ACCOUNTS, _SUBREDDITS} for each in children):
        msg = f"{task.query.label}: there is no such subreddit"
        raise Forbidden(msg)
    following = text_of(listing, "after")
    if not children and following is None and place.resumed:
        return Page(next=_ask(api, task, Place()))  # the thing that marked the place was deleted meanwhile
    if following is not None and following == place.after:
        msg = "Reddit gives the same page again and again"
        raise FormatChanged(msg)
    found = read_things(api, children, addressed=kind in {INBOX, MENTIONS})
    window, edge = task.window.interval, None if place.edge is None else datetime.fromisoformat(place.edge)
    bottom, seen = bottom_of(found.times), place.seen + len(children)
    page = Page(tuple(found.items), tuple(found.rejected), tuple(found.deleted))
    if bottom is not None and bottom < window.start:
        return replace(page, covered=proven_down(window, None, edge))
    lower = lower_of(edge, bottom)
    if following is None:
        if seen < _NEAR_THE_END.get(kind, _LISTING_ENDS):
            return replace(page, covered=proven_down(window, None, edge))
        covered = None if bottom is None else proven_down(window, bottom, edge)
        rest = proven_down(window, None, lower)
        reason = f"Reddit shows only the newest {seen} things of this list"
        return replace(page, covered=covered, gaps=() if rest is None else (GapFound(rest, reason),))
    covered = None if bottom is None else proven_down(window, bottom, edge)
    after = Place(following, seen, None if lower is None else lower.isoformat())
    return replace(page, next=_ask(api, task, after), cursor=after.cursor(), covered=covered)


def listing_of(body: Json) -> dict[str, Json]:
    """The data of a listing.

    Raises:
        FormatChanged: it is something else.
    """
    if not isinstance(body, dict) or body.get("kind") != "Listing" or not isinstance(body.get("data"), dict):
        msg = "Reddit answered with something else than a list"
        raise FormatChanged(msg)
    listing = part(body, "data")
    if not isinstance(listing.get("children"), list):
        msg = "Reddit answered a list without its entries"
        raise FormatChanged(msg)
    return listing


def _ask(api: Api, task: Task, place: Place) -> HttpRequest:
    path, wanted = _where(task.query.params)
    paging: list[tuple[str, str]] = [("limit", str(PER_PAGE))]
    if place.after is not None:
        paging += [("after", place.after), ("count", str(place.seen))]
    return api.get(path, (*wanted, *paging), step=place.dump())


def _where(params: object) -> tuple[str, Params]:
    """Path and parameters of a line of work."""
    match params:
        case {"kind": "search", "term": str(term), **more}:
            return "/search", (
                ("q", f"{quoted(term)}{more.get('beside', '')}"),
                ("sort", "new"),
                ("t", "all"),
                ("type", "link"),
            )
        case {"kind": "posts", "subreddit": str(name)}:
            return f"/r/{name}/new", ()
        case {"kind": "comments", "subreddit": str(name)}:
            return f"/r/{name}/comments", ()
        case {"kind": "inbox"}:
            return "/message/inbox", (("mark", "false"),)
        case {"kind": "mentions"}:
            return "/message/mentions", (("mark", "false"),)
    msg = "this line of work is no longer configured"
    raise BadRequest(msg)
