"""Threads read again: new replies do not lift a thread, and edits are told nowhere.

The list of threads carries up to five replies of each and says how many there are, so it is cheaper to walk down that
list than to ask for single threads. How deep it goes follows the age of a thread: to a day every five minutes, to a
week every half hour, and so on, and less often where that takes many pages. Replies beyond those that came along are
asked for when their number changed.

This walk has a ledger of its own: "covered" means that every thread whose turn it was by its age was read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import orjson

from connectors import repolling
from connectors.contract import Page, Task
from connectors.errors import BadRequest
from connectors.fields import items_of, number_of, part
from connectors.items import Json
from connectors.progress import bottom_of
from connectors.requests import HttpRequest, HttpResponse
from connectors.youtube.api import Api
from connectors.youtube.reading import Found, Thread, read_replies, read_threads
from connectors.youtube.threads import KIND, following_token
from connectors.youtube.trouble import body_of, reason_of

REPLIES = "commentListResponse"
_KNOWN = 2000
"""Threads whose number of replies is remembered."""
PAGE_EVERY = timedelta(minutes=5)
"""What reading a tier may cost: one page, which is one unit of quota, in so much time."""
_EARLY = timedelta(minutes=1)
"""A turn that comes within this time is taken now: the schedule is not exact."""
_GONE = {"commentNotFound", "parentCommentNotFound", "commentThreadNotFound"}


@dataclass(frozen=True, slots=True)
class Step:
    """Where this walk is; travels with the request and as the cursor.

    Attributes:
        down_to: ISO instant of the oldest thread to read.
        token: of the page of threads to ask for; None for the first.
        listing: whether threads are still listed.
        queue: threads whose replies are to be completed, as [how many replies, what is known of the thread].
        below: token of the page of replies of the first thread in the queue.
        pages: pages of threads read so far.
    """

    down_to: str
    token: str | None = None
    listing: bool = True
    queue: tuple[tuple[int, dict[str, Json]], ...] = ()
    below: str | None = None
    pages: int = 0

    def dump(self) -> str:
        """Write it down for `Request.step` and the cursor."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote.

        Raises:
            BadRequest: it is no place of this walk.
        """
        try:
            known = orjson.loads(written)
            queue = tuple((int(count), dict(thread)) for count, thread in known["queue"])
            return cls(known["down_to"], known["token"], known["listing"], queue, known["below"], known["pages"])
        except (ValueError, TypeError, KeyError) as error:
            msg = f"{written[:100]!r} is no place to go on in the reading of threads"
            raise BadRequest(msg) from error


def tiers(days: int) -> tuple[tuple[timedelta, timedelta], ...]:
    """Ages of threads up to so many days, and how often threads up to that age are read again."""
    most = timedelta(days=days)
    inner = [(age, every) for age, every in repolling.PACE if age < most]
    beyond = [every for age, every in repolling.PACE if age >= most]
    return (*inner, (most, beyond[0] if beyond else timedelta(days=1)))


def depth_due(last: Mapping[str, Json], now: datetime, days: int) -> timedelta:
    """How old the threads are that are to be read now; zero when no tier's turn has come.

    A tier of many pages takes its turn less often, so that none costs more than a page each five minutes.

    Args:
        last: when each tier was read last, in epoch seconds, and how many pages that took, by its number.
        now: aware UTC.
        days: how long threads are read again at all.
    """
    for number, (age, every) in reversed(list(enumerate(tiers(days)))):
        at, pages = _reading_of(last.get(str(number)))
        pause = max(every, pages * PAGE_EVERY) - _EARLY
        if now.timestamp() - at >= pause.total_seconds():
            return age
    return timedelta(0)


def noted(last: Mapping[str, Json], depth: timedelta, now: datetime, pages: int, *, days: int) -> dict[str, Json]:
    """Note that every tier down to a depth was read, in so many pages."""
    found: dict[str, Json] = dict(last)
    for number, (age, _) in enumerate(tiers(days)):
        at, before = _reading_of(last.get(str(number)))
        if age <= depth and at <= now.timestamp():
            found[str(number)] = [int(now.timestamp()), pages if age == depth else before or 1]
    return found


def _reading_of(value: Json) -> tuple[int, int]:
    match value:
        case [int(at), int(pages)]:
            return at, pages
        case _:
            return 0, 0


def plan(api: Api, task: Task) -> HttpRequest:
    """Start at the newest thread, or where an earlier chain broke off."""
    if task.window.cursor is not None:
        return _ask(api, task, Step.load(task.window.cursor))
    window = task.window.interval
    depth = depth_due(part(dict(task.state), "tiers"), window.end, api.options.reread_days)
    return _ask(api, task, Step(min(window.start, window.end - depth).isoformat()))


def parse(api: Api, task: Task, response: HttpResponse) -> Page:
    """Read one page of threads, or of a thread's replies."""
    step = Step.load(response.request.step)
    return _listed(api, task, step, response) if step.listing else _replies(api, task, step, response)


def _ask(api: Api, task: Task, step: Step) -> HttpRequest:
    if step.listing:
        wanted = (("allThreadsRelatedToChannelId", task.query.params["channel"]),)
        return api.threads(wanted, token=step.token, step=step.dump())
    top = Thread.load(step.queue[0][1]).top or ""
    return api.replies(top, token=step.below, step=step.dump())


def _listed(api: Api, task: Task, step: Step, response: HttpResponse) -> Page:
    if step.token is not None and reason_of(response) == "invalidPageToken":
        return Page(next=_ask(api, task, replace(step, token=None)))
    body = body_of(response, kind=KIND, renewable=api.login.renewable)
    found = read_threads(api, items_of(body, "items"))
    known = part(dict(task.state), "replies")
    queued = {Thread.load(thread).top for _, thread in step.queue}
    fresh = [
        (count, found.threads[key].dump())
        for key, count in found.missing.items()
        if number_of(known, key) != count and key not in queued
    ]
    bottom, following = bottom_of(found.times), following_token(body, step.token)
    last = following is None or (bottom is not None and bottom < datetime.fromisoformat(step.down_to))
    after = replace(
        step,
        token=None if last else following,
        listing=not last,
        queue=(*step.queue, *fresh),
        pages=step.pages + 1,
    )
    return _onward(api, task, after, found)


def _replies(api: Api, task: Task, step: Step, response: HttpResponse) -> Page:
    reason = reason_of(response)
    if step.below is not None and reason == "invalidPageToken":
        return Page(next=_ask(api, task, replace(step, below=None)), cursor=replace(step, below=None).dump())
    count, kept = step.queue[0]
    thread = Thread.load(kept)
    found, following = Found(), None
    if reason not in _GONE:  # removed since it was listed
        body = body_of(response, kind=REPLIES, renewable=api.login.renewable)
        found = read_replies(api, items_of(body, "items"), thread)
        following = following_token(body, step.below)
    if following is not None:
        return _onward(api, task, replace(step, below=following), found)
    replies = part(dict(task.state), "replies") | {thread.top or "": count}
    state: dict[str, Json] = {**task.state, "replies": dict(list(replies.items())[-_KNOWN:])}
    return _onward(api, task, replace(step, queue=step.queue[1:], below=None), found, state)


def _onward(
    api: Api,
    task: Task,
    step: Step,
    found: Found,
    state: dict[str, Json] | None = None,
) -> Page:
    items, rejected = tuple(found.items), tuple(found.rejected)
    if step.listing or step.queue:
        return Page(items, rejected, next=_ask(api, task, step), cursor=step.dump(), state=state)
    window, kept = task.window.interval, dict(task.state) if state is None else state
    depth = window.end - datetime.fromisoformat(step.down_to)
    days = api.options.reread_days
    kept["tiers"] = noted(part(kept, "tiers"), depth, window.end, step.pages, days=days)
    return Page(items, rejected, covered=window, state=kept)
