"""The lines of work of an account: own threads and replies with what is said under them, mentions, searches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.contract import Page, Purpose, Query, Task
from connectors.errors import BadRequest, Forbidden
from connectors.fields import flag_of
from connectors.items import Json
from connectors.meta.graph import Graph, Params, node
from connectors.meta.kept import read_each
from connectors.meta.rounds import Holder, Listed, Round, Turn, Under
from connectors.meta.walk import OVERLAP, Found, Listing
from connectors.requests import HttpRequest, HttpResponse
from connectors.threads.options import ThreadsOptions
from connectors.threads.reading import FIELDS, MENTION, OWN, REPLY, SEARCH, SEARCH_FIELDS, Reader

REPLIES, OWN_REPLIES, MENTIONS = "replies", "own-replies", "mentions"
METER = "searches"
NOT_APPROVED = (
    "Threads keyword search needs Meta's approval: until then only your own posts would be found. Once your app has "
    "it, set search_approved: true."
)
_OPENED = 1688540400
"""Threads opened in July 2023; the API refuses a search that begins earlier."""


def queries_of(options: ThreadsOptions, terms: Sequence[str]) -> list[Query]:
    """List the account's lines of work."""
    wanted = (
        (REPLIES, "Replies to own threads", options.replies),
        (OWN_REPLIES, "Replies to own replies", options.own_replies),
        (MENTIONS, "Mentions", options.mentions),
    )
    found = [Query(f"{kind}:{options.username}", label, {"kind": kind}) for kind, label, on in wanted if on]
    words = dict.fromkeys(word.strip() for word in (*options.terms, *(terms if options.search else ())) if word.strip())
    searched = [
        Query(f"{SEARCH}:{word.casefold()}"[:200], f"“{word}”", {"kind": SEARCH, "term": word}) for word in words
    ]
    return [*found, *{each.id: each for each in searched}.values()]


class Lines:
    """Plans and reads the lines of one account. Does not act."""

    def __init__(self, graph: Graph, options: ThreadsOptions, reader: Reader) -> None:
        self._graph = graph
        self._options = options
        self._reader = reader

    def plan(self, task: Task) -> HttpRequest:
        """Say how a chain begins.

        Raises:
            Forbidden: a search without Meta's approval: it would find our own posts only, as if nobody had spoken.
        """
        if task.query.params.get("kind") == SEARCH and not self._options.search_approved:
            raise Forbidden(NOT_APPROVED)
        return _priced(task, self._line(task).plan(task))

    def parse(self, task: Task, response: HttpResponse) -> Page:
        """Read one answer."""
        line = self._line(task)
        if isinstance(line, Round):
            return line.parse(task, response)
        read = line.entries(response)
        if isinstance(read, Page):
            page = read
        else:
            entries, body = read
            edge = SEARCH if task.query.params["kind"] == SEARCH else MENTION
            items, rejected = read_each(entries, {"edge": edge}, self._reader.read)
            times = [item.published_at for item in items if item.published_at is not None]
            page = line.page(task, response, body, Found(items, rejected), times)
        following = page.next
        return replace(page, next=_priced(task, following)) if isinstance(following, HttpRequest) else page

    def _line(self, task: Task) -> Round | Listing:
        kind, watch = task.query.params.get("kind"), timedelta(days=self._options.watch_days)
        if kind in {REPLIES, OWN_REPLIES}:
            return (OwnThreads if kind == REPLIES else OwnReplies)(self._graph, watch, self._reader)
        if kind == MENTIONS:
            return Listing(self._graph, "me/mentions", (("fields", FIELDS), ("limit", "100")), by_cursor=True)
        if kind == SEARCH:
            return Listing(self._graph, "keyword_search", self._search(task), by_cursor=True)
        msg = f"this source has no line of work {kind!r} any more"
        raise BadRequest(msg)

    def _search(self, task: Task) -> Params:
        window = task.window.interval
        since = max(_OPENED, int((window.start - OVERLAP).timestamp()))
        asked = (("q", task.query.params["term"]), ("search_type", "RECENT"), ("fields", SEARCH_FIELDS))
        until = () if task.window.purpose is Purpose.EXTEND else (("until", str(int(window.end.timestamp()) + 1)),)
        return (*asked, ("since", str(since)), *until, ("limit", "100"))


def _priced(task: Task, request: HttpRequest) -> HttpRequest:
    return replace(request, price={METER: 1}) if task.query.params.get("kind") == SEARCH else request


class OwnThreads(Round):
    """Own threads and the conversation under each, of all depths in one list."""

    edge: ClassVar[str] = "conversation"
    path: ClassVar[str] = "me/threads"
    own_thread: ClassVar[bool] = True
    by_cursor: ClassVar[bool] = True

    def __init__(self, graph: Graph, watch: timedelta, reader: Reader) -> None:
        super().__init__(graph, watch)
        self._reader = reader

    def list_call(self) -> tuple[str, Params]:
        """What we wrote, newest first."""
        return self.path, (("fields", FIELDS), ("limit", "100"))

    def under_call(self, turn: Turn) -> tuple[str, Params]:
        """What is said under one, newest first."""
        return f"{node(turn.key)}/{turn.edge}", (("fields", FIELDS), ("reverse", "true"), ("limit", "100"))

    def read_list(self, entries: Sequence[Json], now: datetime) -> Listed:  # noqa: ARG002 -- nothing of it depends on now
        """Read own posts; those without replies are not looked into."""
        items, rejected = read_each(entries, {"edge": OWN, "own_thread": self.own_thread}, self._reader.read)
        holders = [
            Holder(item.external_id, item.published_at, quiet=not _has_replies(item.raw))
            for item in items
            if item.published_at is not None
        ]
        return Listed(items, rejected, tuple(holders))

    def read_under(self, turn: Turn, entries: Sequence[Json], now: datetime) -> Under:  # noqa: ARG002 -- as above
        """Read replies."""
        around: dict[str, Json] = {"edge": REPLY, "own_thread": self.own_thread}
        if self.own_thread:
            around["root"] = turn.key
        items, rejected = read_each(entries, around, self._reader.read)
        return Under(items, rejected, tuple(item.published_at for item in items if item.published_at is not None))


class OwnReplies(OwnThreads):
    """What we replied in other people's threads, and the replies to that."""

    edge: ClassVar[str] = "replies"
    path: ClassVar[str] = "me/replies"
    own_thread: ClassVar[bool] = False


def _has_replies(raw: Json) -> bool:
    return isinstance(raw, dict) and flag_of(raw, "has_replies")
