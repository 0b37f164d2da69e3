"""The lines of work of a page: own posts and visitors' posts with their comments, tags, reviews, messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.contract import Page, Query, Task
from connectors.errors import BadRequest
from connectors.facebook.options import FacebookOptions
from connectors.facebook.reading import COMMENT, COMMENT_FIELDS, POST, POST_FIELDS, REVIEW, REVIEW_FIELDS, Reader
from connectors.fields import number_of, part
from connectors.items import Item, Json
from connectors.meta.graph import Graph, Params, node
from connectors.meta.kept import read_each
from connectors.meta.messages import Conversations, Desk
from connectors.meta.refusals import NotThere
from connectors.meta.rounds import Holder, Listed, Round, Turn, Under
from connectors.meta.walk import Found, Listing
from connectors.requests import HttpRequest, HttpResponse

POSTS, VISITORS, TAGGED, REVIEWS, MESSAGES = "posts", "visitors", "tagged", "reviews", "messages"
TOLD = "told"
"""One comment that a delivery told of."""
_LIMIT = ("limit", "50")
_EDGES = {POSTS: ("published_posts", "own"), VISITORS: ("visitor_posts", "visitor")}
_TAGGED_FIELDS = POST_FIELDS.partition(",comments.")[0]


def queries_of(options: FacebookOptions) -> list[Query]:
    """List the page's lines of work."""
    wanted = (
        (POSTS, "Own posts and their comments", options.posts),
        (VISITORS, "Posts of visitors and their comments", options.visitor_posts),
        (TAGGED, "Posts that tag the page", options.tagged),
        (REVIEWS, "Reviews and recommendations", options.reviews),
        (MESSAGES, "Messenger conversations", options.messages),
    )
    return [Query(f"{kind}:{options.page}", label, {"kind": kind}) for kind, label, on in wanted if on]


class Lines:
    """Plans and reads the lines of one page. Does not act."""

    def __init__(self, graph: Graph, options: FacebookOptions, reader: Reader, desk: Desk) -> None:
        self._graph = graph
        self._options = options
        self._reader = reader
        self._desk = desk

    def plan(self, task: Task) -> HttpRequest:
        """Say how a chain begins."""
        if task.query.params.get("kind") == TOLD:
            return self._graph.request(node(task.query.params["comment"]), params=(("fields", COMMENT_FIELDS),))
        return self._line(task).plan(task)

    def parse(self, task: Task, response: HttpResponse) -> Page:
        """Read one answer."""
        if task.query.params.get("kind") == TOLD:
            return self._comment(task.query.params["post"], response)
        line = self._line(task)
        if isinstance(line, Round):
            return line.parse(task, response)
        read = line.entries(response)
        if isinstance(read, Page):
            return read
        entries, body = read
        around: dict[str, Json] = {"what": REVIEW}
        if task.query.params["kind"] == TAGGED:
            around = {"what": POST, "edge": TAGGED}
        items, rejected = read_each(entries, around, self._reader.read)
        times = [item.published_at for item in items if item.published_at is not None]
        return line.page(task, response, body, Found(items, rejected), times)

    def _comment(self, post: str, response: HttpResponse) -> Page:
        try:
            body = self._graph.body(response)
        except NotThere:
            return Page()  # removed again, which is no proof: the next recheck settles it
        items, rejected = read_each([body], {"what": COMMENT, "post": post}, self._reader.read)
        return Page(items, rejected)

    def _line(self, task: Task) -> Round | Listing:
        kind, page = task.query.params.get("kind"), self._options.page
        watch = timedelta(days=self._options.watch_days)
        if kind in _EDGES:
            path, edge = _EDGES[kind]
            return Posts(self._graph, watch, (f"{page}/{path}", edge), self._reader)
        if kind == MESSAGES:
            return Conversations(self._graph, self._desk)
        if kind == TAGGED:
            return Listing(self._graph, f"{page}/tagged", (("fields", _TAGGED_FIELDS), _LIMIT))
        if kind == REVIEWS:
            return Listing(self._graph, f"{page}/ratings", (("fields", REVIEW_FIELDS), _LIMIT))
        msg = f"this source has no line of work {kind!r} any more"
        raise BadRequest(msg)


class Posts(Round):
    """Posts on the page and the comments under them, of all depths in one list."""

    def __init__(self, graph: Graph, watch: timedelta, edge: tuple[str, str], reader: Reader) -> None:
        super().__init__(graph, watch)
        self._path, name = edge
        self._around: dict[str, Json] = {"what": POST, "edge": name}
        self._reader = reader

    def list_call(self) -> tuple[str, Params]:
        """The posts, newest first, each with how many comments it has."""
        return self._path, (("fields", POST_FIELDS), _LIMIT)

    def under_call(self, turn: Turn) -> tuple[str, Params]:
        """The comments of a post."""
        return f"{node(turn.key)}/comments", (*COMMENTS, _LIMIT)

    def read_list(self, entries: Sequence[Json], now: datetime) -> Listed:  # noqa: ARG002 -- nothing of it depends on now
        """Read posts."""
        items, rejected = read_each(entries, self._around, self._reader.read)
        holders = (_holder(item) for item in items)
        return Listed(items, rejected, tuple(each for each in holders if each is not None))

    def read_under(self, turn: Turn, entries: Sequence[Json], now: datetime) -> Under:  # noqa: ARG002 -- as above
        """Read comments."""
        items, rejected = read_each(entries, {"what": COMMENT, "post": turn.key}, self._reader.read)
        return Under(items, rejected, tuple(item.published_at for item in items if item.published_at is not None))


COMMENTS: Params = (("filter", "stream"), ("order", "reverse_chronological"), ("fields", COMMENT_FIELDS))
"""All depths in one list, newest first."""


def _holder(item: Item) -> Holder | None:
    if item.published_at is None or not isinstance(item.raw, dict):
        return None
    count = number_of(part(part(item.raw, "comments"), "summary"), "total_count")
    return Holder(item.external_id, item.published_at, count, quiet=count == 0)
