"""The lines of work that page: search, notifications, own posts; and how each answer is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from connectors.bluesky import walk
from connectors.bluesky.options import BlueskyOptions
from connectors.bluesky.reading import Reader, indexed_at, sorted_at
from connectors.bluesky.session import Session
from connectors.bluesky.walk import Place
from connectors.contract import Page, Query, Task
from connectors.errors import FormatChanged
from connectors.fields import text_of
from connectors.items import Item, Json, Rejected
from connectors.requests import HttpRequest, HttpResponse
from connectors.sought import beside, key_of

SEARCH, NOTIFICATIONS, POSTS, STREAM, MESSAGES = "search", "notifications", "posts", "stream", "messages"
LIMIT = ("limit", "100")
_REASONS = ("mention", "reply", "quote")
_PLAIN = re.compile(r"#?\w+\Z")


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one line of work is asked: its method, where its answer lists what, and what orders that."""

    method: str
    listed: str
    at: Callable[[Json], datetime | None]


_KINDS = {
    SEARCH: _Kind("app.bsky.feed.searchPosts", "posts", sorted_at),
    NOTIFICATIONS: _Kind("app.bsky.notification.listNotifications", "notifications", indexed_at),
    POSTS: _Kind("app.bsky.feed.getAuthorFeed", "feed", sorted_at),
}


class Lines:
    """Plans and reads the lines of work that page. Does not listen and does not act."""

    def __init__(self, session: Session, reader: Reader) -> None:
        self._session = session
        self._reader = reader

    def plan(self, task: Task) -> HttpRequest:
        """Say how a chain begins."""
        if task.window.cursor is not None:
            place = walk.resumed(task.window.cursor)
            if place.target < len(targets_of(task.query)):
                return self._ask(task, place)
        return self._ask(task, self._top(task, 0))

    def parse(self, task: Task, response: HttpResponse) -> Page:
        """Read one answer."""
        place = Place.load(response.request.step)
        name, _ = targets_of(task.query)[place.target]
        kind = _KINDS[name]
        if walk.refused_cursor(response, place):
            return self._anew(task, place)
        body = self._session.body(response)
        entries = body.get(kind.listed)
        if not isinstance(entries, list):
            msg = f"the answer to {kind.method} holds no {kind.listed}"
            raise FormatChanged(msg)
        views, strange = _views(entries, kind)
        times = [at for at in map(kind.at, views) if at is not None]
        stride = walk.stride(task.window.interval, place, times, body.get("cursor"))
        addressed = name == NOTIFICATIONS
        items, rejected = replace(self._reader, addressed=addressed).read(views)
        once = {item.external_id: item for item in items}  # a post may both mention and answer us
        found = _Found(tuple(once.values()), (*strange, *rejected))
        return self._after(task, place, stride, found)

    def _after(self, task: Task, place: Place, stride: walk.Stride, found: _Found) -> Page:
        """Go on; where several targets are read one after the other, only the last one's end proves the stretch."""
        several = len(targets_of(task.query))
        following, covered = stride.following, stride.covered if several == 1 else None
        if following is None and place.target + 1 < several:
            following = self._top(task, place.target + 1)
        elif following is None and several > 1:
            covered = task.window.interval
        if following is None:
            return Page(found.items, found.rejected, covered=covered)
        request, cursor = self._ask(task, following), following.broken_off()
        return Page(found.items, found.rejected, next=request, cursor=cursor, covered=covered)

    def _anew(self, task: Task, place: Place) -> Page:
        """Begin again where the window is proven down to; without a bound in the question, from the top."""
        if place.until is None:
            again = replace(self._top(task, place.target), anew=True)
        else:
            until = place.until if place.edge_at is None else walk.until_of(place.edge_at)
            again = replace(place, cursor=None, until=until, anew=True)
        return Page(next=self._ask(task, again), cursor=task.window.cursor)

    def _top(self, task: Task, target: int) -> Place:
        """Where the reading of a target begins: its newest; of a search, the window's end."""
        searched = targets_of(task.query)[target][0] == SEARCH
        return Place(until=walk.until_of(task.window.interval.end) if searched else None, target=target)

    def _ask(self, task: Task, place: Place) -> HttpRequest:
        name, term = targets_of(task.query)[place.target]
        match name:
            case "notifications":
                params = (*(("reasons", reason) for reason in _REASONS), LIMIT, *place.cursor_params())
            case "posts":
                who = self._session.did or self._session.handle or ""
                params = (("actor", who), ("filter", "posts_with_replies"), LIMIT, *place.cursor_params())
            case _:
                stretch = place.search_params(task.window.interval)
                more = task.query.params.get("beside", "")
                params = (("q", asked_of(term) + more), ("sort", "latest"), LIMIT, *stretch)
        return self._session.call(_KINDS[name].method, params=params, step=place.dump())


@dataclass(frozen=True, slots=True)
class _Found:
    items: tuple[Item, ...]
    rejected: tuple[Rejected, ...]


def targets_of(query: Query) -> list[tuple[str, str]]:
    """What a query reads, one after the other: kinds, and for searches the term."""
    if query.params["kind"] != STREAM:
        return [(query.params["kind"], query.params.get("term", ""))]
    return [(kind, term) for kind, term in orjson.loads(query.params["targets"])]


def _views(entries: list[Json], kind: _Kind) -> tuple[list[Json], tuple[Rejected, ...]]:
    """The posts of an answer. A feed wraps them, and shows what others wrote too when it was passed on."""
    if kind.listed == "posts":
        return entries, ()
    views: list[Json] = []
    strange: list[Rejected] = []
    for entry in entries:
        if not isinstance(entry, dict):
            strange.append(Rejected("the entry is not an object", entry))
        elif kind.listed == "feed":
            if entry.get("reason") is None:
                views.append(entry.get("post"))
        elif text_of(entry, "reason") is None or entry["reason"] in _REASONS:
            views.append(entry)
    return views, tuple(strange)


def asked_of(term: str) -> str:
    """A term as a search is asked for it: a word as it is, everything else as a phrase.

    In a phrase nothing counts as an operator (`from:`, `-`); the sign before a handle is no part of a word there.
    """
    bare = term.strip().lstrip("@")
    return bare if _PLAIN.match(bare) else f'"{" ".join(bare.replace(chr(34), " ").split())}"'


def queries_of(options: BlueskyOptions, terms: tuple[str, ...]) -> list[Query]:
    """List a source's lines of work."""
    wanted = [*options.terms, *(terms if options.search or options.stream else ())]
    # A stream compares words as text, so it is told no more than the words.
    sought = [(term.strip(), "" if options.stream else beside(term, "bluesky")) for term in wanted]
    searches = [
        Query(
            key_of(f"search:{asked_of(term).casefold()}{more.casefold()}"),
            f"“{term}”{more}",
            {"kind": SEARCH, "term": term} | ({"beside": more} if more else {}),
        )
        for term, more in sought
        if term.strip(' "@')
    ]
    found = list({query.id: query for query in searches}.values())
    if options.notifications:
        found.append(Query("notifications", "Mentions of our account", {"kind": NOTIFICATIONS}))
    if options.own_posts:
        found.append(Query("posts", "What our account writes", {"kind": POSTS}))
    if options.stream:
        # One line of work: a stream has no end, and the others would wait behind it for ever.
        targets = [target for query in found for target in targets_of(query)]
        params = {"kind": STREAM, "targets": orjson.dumps(targets).decode()}
        return [Query("stream", "What is said on the whole network", params)]
    if options.messages:
        found.append(Query("messages", "Direct messages to our account", {"kind": MESSAGES}))
    return list({query.id: query for query in found}.values())
