"""The second line of work: the page's own posts, and their comments read again by the age of the post.

It brings the posts under which comments hang, finds what no notification told of, and sees changed counts. LinkedIn
allows few calls, so posts wait six times longer for their turn than elsewhere; the news come by the other line. A chain
that read every post whose turn it was proves its window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import orjson

from connectors import repolling
from connectors.contract import Page, Task
from connectors.errors import Forbidden
from connectors.fields import part
from connectors.items import Item, Json, Rejected
from connectors.linkedin.page import CompanyPage, coded, is_gone
from connectors.linkedin.reading import COMMENT, POST, comment_urn, has_replies, read, with_context
from connectors.requests import HttpRequest, HttpResponse

POSTS, COMMENTS = 50, 100
"""Entries asked for in one call."""
SLOWER = 6
_MOST_LISTS = 10
_LONGEST_WALK = 200
"""Answered comments of one post whose answers are read."""
Reading = tuple[Sequence[Item], Sequence[Rejected]]
NOTHING: Reading = ((), ())


@dataclass(frozen=True, slots=True)
class Step:
    """Where this walk is; travels with the request and as the cursor.

    Attributes:
        start: posts of the list that were taken; None once the list is complete.
        queue: posts whose comments are still to be read.
        walk: of the post in front: what its comments are asked by (the post, then answered comments).
        at: entries of the first of those that were taken.
    """

    start: int | None = 0
    queue: tuple[str, ...] = ()
    walk: tuple[str, ...] = ()
    at: int = 0

    def dump(self) -> str:
        """Write it down for `Request.step` and the cursor."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote."""
        known = orjson.loads(written)
        return cls(known["start"], tuple(known["queue"]), tuple(known["walk"]), known["at"])


def plan(page: CompanyPage, task: Task) -> HttpRequest:
    """Begin with the newest posts, or where an earlier chain broke off."""
    return _ask(page, Step() if task.window.cursor is None else Step.load(task.window.cursor))


def parse(page: CompanyPage, task: Task, response: HttpResponse) -> Page:
    """Read one answer of this walk."""
    step = Step.load(response.request.step)
    if step.start is not None:
        return _listed(page, task, step, response)
    if is_gone(response):
        return _onward(page, task, replace(step, walk=step.walk[1:], at=0), response.received_at)
    try:
        entries = page.elements(response)
    except Forbidden:  # a post whose comments are closed must not hold up the others
        return _onward(page, task, replace(step, walk=step.walk[1:], at=0), response.received_at)
    items, rejected = _read(page, entries, COMMENT, post=step.queue[0])
    if not entries:
        return _onward(page, task, replace(step, walk=step.walk[1:], at=0), response.received_at)
    walk = step.walk
    if walk[0] == step.queue[0]:  # answers to answers stand beside them: one level
        walk = tuple(dict.fromkeys((*walk, *_answered(entries))))[:_LONGEST_WALK]
    following = replace(step, walk=walk, at=step.at + len(entries))
    return _page(page, task, following, (items, rejected))


def _listed(page: CompanyPage, task: Task, step: Step, response: HttpResponse) -> Page:
    entries, start = page.elements(response), step.start or 0
    items, rejected = _read(page, entries, POST)
    known = part(dict(task.state), "watched")
    fresh = {item.external_id: item.published_at for item in items if item.published_at is not None}
    watched = repolling.watch(known, fresh)
    last = not entries or fresh.keys() <= known.keys() or start // POSTS + 1 >= _MOST_LISTS
    state: dict[str, Json] = {**task.state, "watched": watched}
    if not last:
        return _page(page, task, Step(start + len(entries)), (items, rejected), state)
    queue = tuple(repolling.due(watched, response.received_at, slower=SLOWER))
    return _page(page, task, Step(None, queue, queue[:1]), (items, rejected), state)


def _onward(page: CompanyPage, task: Task, step: Step, now: datetime) -> Page:
    """One list of comments is read to its end; perhaps it was the last one of its post."""
    if step.walk:
        return _page(page, task, step)
    state: dict[str, Json] = {
        **task.state,
        "watched": repolling.asked(part(dict(task.state), "watched"), step.queue[0], now),
    }
    queue = step.queue[1:]
    return _page(page, task, replace(step, queue=queue, walk=queue[:1]), state=state)


def _page(
    page: CompanyPage, task: Task, step: Step, reading: Reading = NOTHING, state: Mapping[str, Json] | None = None
) -> Page:
    more = step.start is not None or bool(step.walk)
    items, rejected = reading
    return Page(
        tuple(items),
        tuple(rejected),
        next=_ask(page, step) if more else None,
        cursor=step.dump() if more else None,
        covered=None if more else task.window.interval,
        state=state,
    )


def _read(page: CompanyPage, entries: Sequence[Json], what: str, *, post: str | None = None) -> Reading:
    items: list[Item] = []
    rejected: list[Rejected] = []
    for each in entries:
        kept = with_context(each, what, page.own, post=post)
        try:
            items.append(read(kept))
        except ValueError as error:
            rejected.append(Rejected(str(error), kept))
    return items, rejected


def _answered(entries: Sequence[Json]) -> list[str]:
    found = []
    for each in entries:
        if isinstance(each, dict) and has_replies(each):
            try:
                found.append(comment_urn(each))
            except ValueError:
                continue  # a comment without a name is set aside already
    return found


def _ask(page: CompanyPage, step: Step) -> HttpRequest:
    if step.start is not None:
        return page.request(
            "posts",
            ("q", "author"),
            ("author", coded(page.urn)),
            ("start", str(step.start)),
            ("count", str(POSTS)),
            ("sortBy", "LAST_MODIFIED"),
            step=step.dump(),
        )
    return comments_request(page, step.walk[0], start=step.at, step=step.dump())


def comments_request(page: CompanyPage, urn: str, *, start: int, step: str) -> HttpRequest:
    """The call that lists the comments under a post, or the answers to a comment."""
    query = (("start", str(start)), ("count", str(COMMENTS)))
    return page.request(f"socialActions/{coded(urn)}/comments", *query, step=step)
