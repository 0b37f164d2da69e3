"""The lines of work of an account: own media with their comments, tags, hashtags, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.contract import Page, Query, Task
from connectors.errors import BadRequest
from connectors.fields import part, text_of
from connectors.instagram.hashtags import Hashtag
from connectors.instagram.options import InstagramOptions
from connectors.instagram.reading import (
    ANSWER_FIELDS,
    COMMENT,
    COMMENT_FIELDS,
    MEDIA_FIELDS,
    MEDIUM,
    MENTION,
    MENTION_FIELDS,
    MENTIONING_FIELDS,
    OWN,
    TAG_FIELDS,
    TAGGED,
    Reader,
    answers_in,
)
from connectors.items import Item, Json, Rejected
from connectors.meta.graph import Graph, Params, node
from connectors.meta.kept import read_each
from connectors.meta.messages import Conversations, Desk
from connectors.meta.refusals import NotThere
from connectors.meta.rounds import Holder, Listed, Round, Turn, Under
from connectors.meta.walk import Found, Listing
from connectors.requests import HttpRequest, HttpResponse

COMMENTS, TAGS, HASHTAGS, MESSAGES = "comments", "tags", "hashtag", "messages"
TOLD = "told"
"""One comment that a delivery told of; a mention that it told of is of the kind MENTION."""
_LIMIT = ("limit", "50")
_ANSWERS = "replies"


def queries_of(options: InstagramOptions) -> list[Query]:
    """List the account's lines of work."""
    wanted = (
        (COMMENTS, "Own media and their comments", options.comments),
        (TAGS, "Media that tag the account", options.tags),
        (MESSAGES, "Messages", options.messages),
    )
    found = [Query(f"{kind}:{options.account}", label, {"kind": kind}) for kind, label, on in wanted if on]
    return found + [Query(f"{HASHTAGS}:{tag}", f"#{tag}", {"kind": HASHTAGS, "tag": tag}) for tag in options.hashtags]


class Lines:
    """Plans and reads the lines of one account. Does not act."""

    def __init__(self, graph: Graph, options: InstagramOptions, reader: Reader, desk: Desk) -> None:
        self._graph = graph
        self._options = options
        self._reader = reader
        self._desk = desk

    def plan(self, task: Task) -> HttpRequest:
        """Say how a chain begins."""
        params = task.query.params
        if params.get("kind") == TOLD:
            return self._graph.request(node(params["comment"]), params=(("fields", COMMENT_FIELDS),))
        if params.get("kind") == MENTION:
            return self._graph.request(self._options.account, params=(("fields", _mentioned(params)),))
        return self._line(task).plan(task)

    def parse(self, task: Task, response: HttpResponse) -> Page:
        """Read one answer."""
        if task.query.params.get("kind") in {TOLD, MENTION}:
            return self._told_of(task, response)
        line = self._line(task)
        if not isinstance(line, Listing):
            return line.parse(task, response)
        read = line.entries(response)
        if isinstance(read, Page):
            return read
        entries, body = read
        items, rejected = read_each(entries, {"what": MEDIUM, "edge": TAGGED}, self._reader.read)
        times = [item.published_at for item in items if item.published_at is not None]
        return line.page(task, response, body, Found(items, rejected), times)

    def _told_of(self, task: Task, response: HttpResponse) -> Page:
        """Read what a delivery told of; it may be gone again, or stand on media of a private account."""
        try:
            body = self._graph.body(response)
        except NotThere:
            return Page()
        params = task.query.params
        if params["kind"] == TOLD:
            own = OwnMedia(self._graph, timedelta(days=self._options.watch_days), self._options.account, self._reader)
            under = own.read_under(Turn(params["media"], "comments"), [body], response.received_at)
            return Page(under.items, under.rejected)
        what, name = (COMMENT, "mentioned_comment") if "comment" in params else (MEDIUM, "mentioned_media")
        around: dict[str, Json] = {"what": what, "edge": MENTION, "media": params["media"]}
        return Page(*read_each([body.get(name)], around, self._reader.read))

    def _line(self, task: Task) -> Round | Listing | Hashtag:
        kind, account = task.query.params.get("kind"), self._options.account
        if kind == COMMENTS:
            return OwnMedia(self._graph, timedelta(days=self._options.watch_days), account, self._reader)
        if kind == MESSAGES:
            return Conversations(self._graph, self._desk)
        if kind == TAGS:
            return Listing(self._graph, f"{account}/tags", (("fields", TAG_FIELDS), _LIMIT), by_cursor=True)
        if kind == HASHTAGS:
            return Hashtag(self._graph, account, task.query.params["tag"], self._reader)
        msg = f"this source has no line of work {kind!r} any more"
        raise BadRequest(msg)


def _mentioned(params: Mapping[str, str]) -> str:
    """The field of the account that shows one mention."""
    if "comment" in params:
        return f"mentioned_comment.comment_id({node(params['comment'])}){{{MENTION_FIELDS}}}"
    return f"mentioned_media.media_id({node(params['media'])}){{{MENTIONING_FIELDS}}}"


class OwnMedia(Round):
    """Own media and the comments under them.

    The list of comments holds the first level, each with its first answers. An answer to an old comment therefore does
    not come up: when the count of a medium says that more is new than was met, its comments are read on, and each
    watched medium is read whole once a day.
    """

    whole_daily: ClassVar[bool] = True

    def __init__(self, graph: Graph, watch: timedelta, account: str, reader: Reader) -> None:
        super().__init__(graph, watch)
        self._account = account
        self._reader = reader

    def list_call(self) -> tuple[str, Params]:
        """The media, newest first, each with how many comments it has."""
        return f"{self._account}/media", (("fields", MEDIA_FIELDS), _LIMIT)

    def under_call(self, turn: Turn) -> tuple[str, Params]:
        """The comments of a medium, or the answers to a comment that has many."""
        fields = ANSWER_FIELDS if turn.edge == _ANSWERS else COMMENT_FIELDS
        return f"{node(turn.key)}/{turn.edge}", (("fields", fields), _LIMIT)

    def read_list(self, entries: Sequence[Json], now: datetime) -> Listed:  # noqa: ARG002 -- nothing of it depends on now
        """Read media."""
        items, rejected = read_each(entries, {"what": MEDIUM, "edge": OWN}, self._reader.read)
        holders = [
            Holder(item.external_id, item.published_at, item.counts.replies, quiet=item.counts.replies == 0)
            for item in items
            if item.published_at is not None
        ]
        return Listed(items, rejected, tuple(holders))

    def read_under(self, turn: Turn, entries: Sequence[Json], now: datetime) -> Under:  # noqa: ARG002 -- as above
        """Read comments, and the answers inside them."""
        around: dict[str, Json] = {"what": COMMENT, "media": turn.key}
        if turn.edge == _ANSWERS:
            around = {"what": COMMENT, "parent": turn.key}
        first, strange = read_each(entries, around, self._reader.read)
        items: list[Item] = [*first]
        rejected: list[Rejected] = [*strange]
        more = []
        for item in first:
            if not isinstance(item.raw, dict):
                continue
            inside, unread = read_each(answers_in(item.raw), below(item), self._reader.read)
            items += inside
            rejected += unread
            if text_of(part(part(item.raw, _ANSWERS), "paging"), "next") is not None:
                more.append(Turn(item.external_id, _ANSWERS))
        times = tuple(item.published_at for item in first if item.published_at is not None)
        return Under(tuple(items), tuple(rejected), times, tuple(more))


def below(comment: Item) -> dict[str, Json]:
    """What an answer inside a comment's entry does not say itself."""
    known = {key: comment.extra.get(key) for key in ("media", "permalink", "us")}
    return {"what": COMMENT, "parent": comment.external_id, **known}
