"""The walk through a forum's latest posts, newest id first (`/posts.json?before=`), over both paging behaviours.

Current forums answer the newest fifty posts with `id <= before`: an empty answer is the end. Older ones answer
what lies in `(before - 50, before]`, so that an answer may be short or empty while older posts exist. Which of
the two a forum does shows as soon as one answer spans fifty ids or more; when an empty answer comes first, one
question fifty ids above the lowest known post settles it (a list shows that post, a frame cannot).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import orjson

from connectors.contract import Page, Purpose, Task
from connectors.discourse.reading import Reading, read_posts
from connectors.discourse.site import Site
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import FieldError, as_object, items_of
from connectors.items import Json
from connectors.progress import bottom_of, proven_down
from connectors.requests import HttpRequest, HttpResponse

OVERLAP = 200
"""Ids below the highest known one that every run asks again: a post approved late carries an old id."""
FRAME = 50
"""Posts per answer, and the width of an old forum's frame of ids."""
LIST, FRAMES = "list", "frames"


@dataclass(frozen=True, slots=True)
class Step:
    """Where the walk is; travels with the request.

    Attributes:
        before: highest id asked for; None for the newest.
        top: ISO instant; what is at or before it is not proven yet. None at the start of the window.
        floor: the walk goes on until this id, even when the window is full.
        low: lowest id seen so far.
        resume: where to go on after the question that settles the paging behaviour; None outside of it.
    """

    before: int | None = None
    top: str | None = None
    floor: int | None = None
    low: int | None = None
    resume: int | None = None

    def dump(self) -> str:
        """Write it down for `Request.step`."""
        return orjson.dumps(asdict(self)).decode()


def plan(site: Site, task: Task) -> HttpRequest:
    """Start at the newest post, or where an earlier chain broke off."""
    if task.window.cursor is not None:
        if not task.window.cursor.isdigit():
            msg = f"{task.window.cursor!r} is no place to go on in {site.host}"
            raise BadRequest(msg)
        return _ask(site, Step(before=int(task.window.cursor)))
    mark = task.state.get("watermark")
    floor = mark - OVERLAP if isinstance(mark, int) and task.window.purpose is Purpose.EXTEND else None
    return _ask(site, Step(floor=floor))


def parse(site: Site, task: Task, response: HttpResponse) -> Page:
    """Read one answer of the walk."""
    body = as_body(site, response)
    if not isinstance(body.get("latest_posts"), list):
        msg = f"{site.host} answered without a list of latest posts: is this a Discourse forum?"
        raise FormatChanged(msg)
    step = Step(**orjson.loads(response.request.step))
    reading = read_posts(items_of(body, "latest_posts"), site)
    state = _learn(task.state, reading)
    if step.resume is not None:
        return _settled(site, task, step, reading, state)
    if reading.seen:
        return _down(site, task, step, reading, state)
    if reading.rejected:
        msg = f"{site.host} answered {len(reading.rejected)} posts, none with an id and a date"
        raise FormatChanged(msg)
    return _empty(site, task, step, state)


def as_body(site: Site, response: HttpResponse) -> dict[str, Json]:
    """Return an answer's JSON object."""
    try:
        return as_object(site.body(response), f"the answer of {site.host}")
    except FieldError as error:
        raise FormatChanged(str(error)) from error


def _ask(site: Site, step: Step) -> HttpRequest:
    params = () if step.before is None else (("before", str(step.before)),)
    return site.request("/posts.json", params=params, step=step.dump())


def _learn(known: Mapping[str, Json], reading: Reading) -> dict[str, Json]:
    state = dict(known)
    if reading.seen:
        ids = [key for key, _ in reading.seen]
        mark = state.get("watermark")
        state["watermark"] = max([*ids, mark] if isinstance(mark, int) else ids)
        if max(ids) - min(ids) >= FRAME:
            state["paging"] = LIST
    return state


def _down(site: Site, task: Task, step: Step, reading: Reading, state: dict[str, Json]) -> Page:
    ordered = sorted(reading.seen, reverse=True)
    low = ordered[-1][0]
    if step.before is not None and low > step.before:
        msg = f"{site.host} does not page: asked for posts up to {step.before}, got {low} and higher"
        raise FormatChanged(msg)
    bottom = bottom_of([at for _, at in ordered])
    full = bottom is not None and bottom < task.window.interval.start and (step.floor is None or low <= step.floor)
    if low <= 1 or full:
        return _end(task, step, reading, state)
    before = low - 1
    following = replace(step, before=before, top=_lower(step.top, bottom), low=low)
    return Page(
        items=tuple(reading.items),
        rejected=tuple(reading.rejected),
        deleted=tuple(reading.deleted),
        next=_ask(site, following),
        cursor=str(before),
        covered=proven_down(task.window.interval, bottom, _top(step)),
        state=state,
    )


def _empty(site: Site, task: Task, step: Step, state: dict[str, Json]) -> Page:
    """Nothing came: the end of a list, or an empty frame of an old forum with posts below it."""
    before = step.before
    if before is None:
        mark = state.get("watermark")
        if not isinstance(mark, int):
            return Page()  # nothing was ever seen here; an empty answer proves nothing
        return Page(next=_ask(site, replace(step, before=mark)), cursor=str(mark))
    if state.get("paging") == LIST:
        return _end(task, step, Reading(), state)
    below = before - FRAME
    if state.get("paging") != FRAMES:
        low = step.low if step.low is not None else before + 1
        question = replace(step, before=low + FRAME, low=low, resume=below)
        return Page(next=_ask(site, question), cursor=str(before))
    if below < 1:
        return _end(task, step, Reading(), state)
    return Page(next=_ask(site, replace(step, before=below)), cursor=str(below), state=state)


def _settled(site: Site, task: Task, step: Step, reading: Reading, state: dict[str, Json]) -> Page:
    """Read the answer to the question which paging behaviour this forum has."""
    below = step.resume if step.resume is not None else 0
    if any(key <= (step.low or 0) for key, _ in reading.seen):
        state["paging"] = LIST
        return _end(task, step, reading, state)
    state["paging"] = FRAMES
    if below < 1:
        return _end(task, step, reading, state)
    return Page(
        items=tuple(reading.items),
        rejected=tuple(reading.rejected),
        deleted=tuple(reading.deleted),
        next=_ask(site, replace(step, before=below, resume=None)),
        cursor=str(below),
        state=state,
    )


def _end(task: Task, step: Step, reading: Reading, state: dict[str, Json]) -> Page:
    return Page(
        items=tuple(reading.items),
        rejected=tuple(reading.rejected),
        deleted=tuple(reading.deleted),
        covered=proven_down(task.window.interval, None, _top(step)),
        state=state,
    )


def _top(step: Step) -> datetime | None:
    return None if step.top is None else datetime.fromisoformat(step.top)


def _lower(top: str | None, bottom: datetime | None) -> str | None:
    """The proven edge only ever moves down: a stray date must not open what was closed."""
    if bottom is None:
        return top
    if top is not None and datetime.fromisoformat(top) <= bottom:
        return top
    return bottom.isoformat()
