"""Videos about the brand: searched newest first, and each hit asked for again in full.

A search costs one of a hundred a day, so it asks for the most hits per page, and the source is polled only as often as
the day's searches last. Pages are asked for by time and not by token: that survives a night, and passes the end that a
search has after some 500 hits. The index lags, and an order by date misses some for a while: each search looks a day
further back than its window.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import orjson

from connectors.contract import GapFound, Interval, Page, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import FieldError, as_object, items_of, part, text_of
from connectors.instants import parse_iso
from connectors.items import Json, Rejected
from connectors.progress import bottom_of, lower_of, proven_down
from connectors.requests import HttpRequest, HttpResponse
from connectors.youtube.api import Api
from connectors.youtube.reading import Found, read_video
from connectors.youtube.trouble import body_of

FOUND, SHOWN = "searchListResponse", "videoListResponse"
FURTHER = timedelta(days=1)
"""How far below its window a search looks, because videos get into the index late."""
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """Which question an answer belongs to; travels with the request.

    Attributes:
        before: ISO instant below which hits are asked for (exclusive).
        edge: down to which instant the window is proven.
        ids: hits that are asked for in full; none while searching.
        bottom: of the page they came from; None at the search's end.
        following: where the search goes on after them; None at its end.
    """

    before: str
    edge: str | None = None
    ids: tuple[str, ...] = ()
    bottom: str | None = None
    following: str | None = None

    def dump(self) -> str:
        """Write it down for `Request.step`."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote."""
        known = orjson.loads(written)
        return cls(**{**known, "ids": tuple(known["ids"])})


def plan(api: Api, task: Task) -> HttpRequest:
    """Ask for the newest hits of the window, or from where an earlier chain broke off.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    before = task.window.interval.end + _SECOND
    if task.window.cursor is not None:
        try:
            before = parse_iso(task.window.cursor)
        except ValueError as error:
            msg = f"{task.window.cursor!r} is no place to go on in a search"
            raise BadRequest(msg) from error
    return _search(api, task, Step(before.isoformat()))


def parse(api: Api, task: Task, response: HttpResponse, *, terms: int) -> Page:
    """Read one answer.

    Args:
        api: of the source.
        task: what is read.
        response: the answer.
        terms: how many terms the source searches for, so that all of them fit into the day.
    """
    step = Step.load(response.request.step)
    if step.ids:
        return _shown(api, task, step, response, pause_of(terms, api.options.searches_per_day))
    body = body_of(response, kind=FOUND, renewable=api.login.renewable)
    hits, rejected = _hits(items_of(body, "items"))
    entries, window = items_of(body, "items"), task.window.interval
    if entries and all(not isinstance(each, dict) for each in entries):
        msg = f"YouTube found {len(entries)} videos, none of which can be read"
        raise FormatChanged(msg)
    before, after = parse_iso(step.before), window.start - FURTHER
    times = [at for _, at in hits if after <= at < before]  # a date that was not asked for says nothing of the place
    more = text_of(body, "nextPageToken") is not None
    if more and hits and not times:
        msg = f"YouTube's search ignores the time asked for: {hits[0][1]:%F %T} lies not before {before:%F %T}"
        raise FormatChanged(msg)
    gaps: tuple[GapFound, ...] = ()
    following = bottom = None
    if more and times:
        oldest = min(times)
        below = oldest + _SECOND
        if below >= before:  # one second holds more than a page: the rest of it is out of reach
            below = oldest
            gaps = _gap(window, oldest)
        following, bottom = below.isoformat(), (bottom_of(times) or oldest).isoformat()
    ids = tuple(dict.fromkeys(key for key, _ in hits))
    shown = Step(step.before, step.edge, ids, bottom, following)
    if not ids:
        return _onward(api, task, shown, Found(rejected=rejected), pause_of(terms, api.options.searches_per_day))
    asking = api.videos(ids, step=shown.dump())
    return Page(rejected=tuple(rejected), next=asking, cursor=step.before, gaps=gaps)


def pause_of(terms: int, searches: int) -> timedelta:
    """How long a source with so many terms waits between two rounds, so that a day's searches last; whole minutes."""
    return timedelta(minutes=math.ceil(24 * 60 * max(terms, 1) / max(searches, 1) * 1.1))


def _shown(api: Api, task: Task, step: Step, response: HttpResponse, pause: timedelta) -> Page:
    body = body_of(response, kind=SHOWN, renewable=api.login.renewable)
    return _onward(api, task, step, read_videos(api, items_of(body, "items")), pause)


def read_videos(api: Api, entries: list[Json]) -> Found:
    """Read the videos of an answer; the unreadable ones are set aside."""
    found = Found()
    for entry in entries:
        try:
            found.items.append(read_video(api, as_object(entry, "the video")))
        except ValueError as error:
            key = text_of(entry, "id") if isinstance(entry, dict) else None
            found.rejected.append(Rejected(str(error), entry, key))
    return found


def _onward(api: Api, task: Task, step: Step, found: Found, pause: timedelta) -> Page:
    """Claim what the page of hits proves, now that its videos were read, and search on."""
    items, rejected = tuple(found.items), tuple(found.rejected)
    window, edge = task.window.interval, None if step.edge is None else parse_iso(step.edge)
    if step.following is None:
        return Page(items, rejected, covered=proven_down(window, None, edge), poll_after=pause)
    bottom = None if step.bottom is None else parse_iso(step.bottom)
    covered = None if bottom is None else proven_down(window, bottom, edge)
    lower = lower_of(edge, bottom)
    after = Step(step.following, edge=None if lower is None else lower.isoformat())
    asking = _search(api, task, after)
    return Page(items, rejected, next=asking, cursor=step.following, covered=covered, poll_after=pause)


def _search(api: Api, task: Task, step: Step) -> HttpRequest:
    after = task.window.interval.start - FURTHER
    return api.search(task.query.params["term"], after=after, before=parse_iso(step.before), step=step.dump())


def _hits(entries: list[Json]) -> tuple[list[tuple[str, datetime]], list[Rejected]]:
    hits: list[tuple[str, datetime]] = []
    rejected: list[Rejected] = []
    for entry in entries:
        try:
            hit = as_object(entry, "the hit")
            key = text_of(part(hit, "id"), "videoId")
            if key is None:
                msg = "the hit names no video"
                raise FieldError(msg)
            hits.append((key, parse_iso(part(hit, "snippet").get("publishedAt"))))
        except ValueError as error:
            rejected.append(Rejected(str(error), entry))
    return hits, rejected


def _gap(window: Interval, second: datetime) -> tuple[GapFound, ...]:
    low, high = max(window.start, second), min(window.end, second + _SECOND)
    return (GapFound(Interval(low, high), "more hits within one second than one answer holds"),) if low < high else ()
