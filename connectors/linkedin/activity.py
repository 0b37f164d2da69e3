"""The first line of work: what LinkedIn tells the page of, which is the one feed that knows edits and removals.

A notification says that a comment was written, changed or removed; its words are then asked for by its URN. A mention
brings the words with it. The list is asked for one stretch of time, page by page; only an empty page is its end, and
each page's comments are read before the next page is asked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

import orjson

from connectors.contract import Page, Task
from connectors.errors import Forbidden
from connectors.fields import as_object, need_text, text_of
from connectors.http_status import json_body
from connectors.items import Deleted, Item, Json, Rejected
from connectors.linkedin.page import PLATFORM, CompanyPage, coded, is_gone
from connectors.linkedin.reading import COMMENT, MENTION, parts_of, read, with_context
from connectors.requests import HttpRequest, HttpResponse

COUNT = 50
WRITTEN = frozenset({"COMMENT", "COMMENT_EDIT"})
REMOVED = "COMMENT_DELETE"
NAMED = "SHARE_MENTION"
_ACTIONS = (NAMED, "COMMENT", "COMMENT_EDIT", REMOVED)


@dataclass(frozen=True, slots=True)
class Step:
    """Where this walk is; travels with the request and as the cursor.

    Attributes:
        start: entries of the list that were taken.
        queue: comments still to ask for, each with the post it stands under.
    """

    start: int = 0
    queue: tuple[tuple[str, str], ...] = ()

    def dump(self) -> str:
        """Write it down for `Request.step` and the cursor."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote."""
        known = orjson.loads(written)
        return cls(known["start"], tuple((urn, post) for urn, post in known["queue"]))


def plan(page: CompanyPage, task: Task) -> HttpRequest:
    """Begin the list of the window, or go on where an earlier chain broke off."""
    return _ask(page, task, Step() if task.window.cursor is None else Step.load(task.window.cursor))


def parse(page: CompanyPage, task: Task, response: HttpResponse) -> Page:
    """Read one answer of this walk."""
    step = Step.load(response.request.step)
    if step.queue:
        return _one(page, task, step, response)
    told = page.elements(response)
    if not told:
        return Page(covered=task.window.interval)
    items: list[Item] = []
    rejected: list[Rejected] = []
    deleted: list[Deleted] = []
    queue: dict[str, str] = {}
    for each in told:
        try:
            _take(page, as_object(each, "the notification"), items, queue, deleted)
        except ValueError as error:
            rejected.append(Rejected(str(error), each))
    following = Step(step.start + len(told), tuple(queue.items()))
    return Page(
        tuple(items), tuple(rejected), tuple(deleted), next=_ask(page, task, following), cursor=following.dump()
    )


def _take(
    page: CompanyPage, told: dict[str, Json], items: list[Item], queue: dict[str, str], deleted: list[Deleted]
) -> None:
    action = text_of(told, "action")
    if action == NAMED:
        items.append(read(with_context(_with_author(told), MENTION, page.own)))
    elif action in WRITTEN:
        urn = need_text(told, "generatedActivity")
        if parts_of(urn) is not None:
            queue[urn] = text_of(told, "sourcePost") or ""
    elif action == REMOVED:
        urn = need_text(told, "generatedActivity")
        queue.pop(urn, None)
        deleted.append(Deleted(urn))


def _with_author(told: dict[str, Json]) -> dict[str, Json]:
    """Name who mentioned us where `with_context` looks for it."""
    shown = told.get("decoratedSourcePost")
    owner = text_of(shown, "owner") if isinstance(shown, dict) else None
    return told if owner is None else {**told, "author": owner}


def _one(page: CompanyPage, task: Task, step: Step, response: HttpResponse) -> Page:
    """The comment in front of the queue. One that LinkedIn does not show us must not hold up the others."""
    (urn, post), following = step.queue[0], replace(step, queue=step.queue[1:])
    after = _ask(page, task, following), following.dump()
    if is_gone(response):
        return Page(deleted=(Deleted(urn),), next=after[0], cursor=after[1])
    try:
        page.check(response)
    except Forbidden as error:
        lost = Rejected(str(error), {"commentUrn": urn, "sourcePost": post}, urn)
        return Page(rejected=(lost,), next=after[0], cursor=after[1])
    kept = with_context(json_body(response, platform=PLATFORM), COMMENT, page.own, post=post or None)
    try:
        return Page((read(kept),), next=after[0], cursor=after[1])
    except ValueError as error:
        return Page(rejected=(Rejected(str(error), kept, urn),), next=after[0], cursor=after[1])


def comment_request(page: CompanyPage, urn: str, *, step: str) -> HttpRequest | None:
    """The call that asks for one comment; None when the URN is none of a comment."""
    found = parts_of(urn)
    if found is None:
        return None
    about, number = found
    return page.request(f"socialActions/{coded(about)}/comments/{number}", step=step)


def _ask(page: CompanyPage, task: Task, step: Step) -> HttpRequest:
    if step.queue:
        request = comment_request(page, step.queue[0][0], step=step.dump())
        if request is not None:
            return request
    window = task.window.interval
    times = f"start:{_ms(window.start)},end:{_ms(window.end) + 1}"
    return page.request(
        "organizationalEntityNotifications",
        ("q", "criteria"),
        ("organizationalEntity", coded(page.urn)),
        ("actions", f"List({','.join(_ACTIONS)})"),
        ("timeRange", f"({times})"),
        ("start", str(step.start)),
        ("count", str(COUNT)),
        step=step.dump(),
    )


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
