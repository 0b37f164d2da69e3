"""Comments under chosen videos of others: each video is asked by its age, and at once when its count of comments moved.

A chain begins with the videos themselves, one call for all of them, and then reads the comments of those that are due.
"Covered" means that every video whose turn it was was read: down to the start of the window the first time, and later
down to an hour before the last time.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson

from connectors import repolling
from connectors.contract import Page, Task
from connectors.errors import BadRequest
from connectors.fields import as_object, items_of, need_id, number_of, part
from connectors.instants import parse_iso
from connectors.items import Deleted, Json
from connectors.progress import bottom_of
from connectors.requests import HttpRequest, HttpResponse
from connectors.youtube.api import Api
from connectors.youtube.reading import VIDEOS, Found, read_threads
from connectors.youtube.search import SHOWN, read_videos
from connectors.youtube.threads import KIND, following_token
from connectors.youtube.trouble import body_of, reason_of

_EARLY = timedelta(minutes=1)
_OVERLAP = timedelta(hours=1)
_NOTHING_THERE = {"commentsDisabled", "videoNotFound"}


@dataclass(frozen=True, slots=True)
class Step:
    """Where a chain is; travels with the request and as the cursor.

    Attributes:
        queue: videos whose comments are to be read, each with the ISO instant to read down to.
        token: page of the first one's threads.
        asked_at: ISO instant that counts as the time of asking.
    """

    queue: tuple[tuple[str, str], ...] = ()
    token: str | None = None
    asked_at: str | None = None

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
            queue = tuple((str(video), str(down)) for video, down in known["queue"])
            return cls(queue, known["token"], known["asked_at"])
        except (ValueError, TypeError, KeyError) as error:
            msg = f"{written[:100]!r} is no place to go on among videos"
            raise BadRequest(msg) from error


def plan(api: Api, task: Task) -> HttpRequest:
    """Ask for the videos, or go on where an earlier chain broke off."""
    if task.window.cursor is not None:
        return _ask(api, Step.load(task.window.cursor))
    return api.videos(api.options.videos, step=Step().dump())


def parse(api: Api, task: Task, response: HttpResponse) -> Page:
    """Read one answer."""
    step = Step.load(response.request.step)
    return _comments(api, task, step, response) if step.queue else _shown(api, task, response)


def _ask(api: Api, step: Step) -> HttpRequest:
    if not step.queue:
        return api.videos(api.options.videos, step=step.dump())
    return api.threads((("videoId", step.queue[0][0]),), token=step.token, step=step.dump())


def _shown(api: Api, task: Task, response: HttpResponse) -> Page:
    body = body_of(response, kind=SHOWN, renewable=api.login.renewable)
    entries, window = items_of(body, "items"), task.window.interval
    found = read_videos(api, entries)
    counts = _counts(entries)
    posts = {item.external_id: item.published_at for item in found.items if item.published_at is not None}
    watched = repolling.watch(part(dict(task.state), "watched"), posts)
    here = {key: value for key, value in watched.items() if key in posts}
    before = part(dict(task.state), "counts")
    moved = [key for key in posts if number_of(before, key) != counts.get(key)]
    due = [key for key in repolling.due(here, window.end + _EARLY) if key not in moved]
    queue = tuple((key, _down_to(task, here, key).isoformat()) for key in (*moved, *due))
    gone = tuple(
        Deleted(key, VIDEOS)
        for key in part(dict(task.state), "watched")
        if key in api.options.videos and key not in counts
    )
    state: dict[str, Json] = {**task.state, "watched": here}
    state["next_counts"] = {key: count for key, count in counts.items() if key in posts}
    step = Step(queue, asked_at=window.end.isoformat())
    return replace(_onward(api, task, step, found, state), deleted=gone)


def _counts(entries: list[Json]) -> dict[str, int]:
    found = {}
    for entry in entries:
        try:
            video = as_object(entry)
            found[need_id(video)] = number_of(part(video, "statistics"), "commentCount") or 0
        except ValueError:
            continue  # set aside by whoever reads the video
    return found


def _down_to(task: Task, watched: dict[str, Json], key: str) -> datetime:
    """Down to where the comments of a video are read: all of the window the first time."""
    start, value = task.window.interval.start, watched.get(key)
    last = value[1] if isinstance(value, list) and len(value) == 2 else 0
    if not isinstance(last, int) or last == 0:
        return start
    return min(start, datetime.fromtimestamp(last, UTC) - _OVERLAP)


def _comments(api: Api, task: Task, step: Step, response: HttpResponse) -> Page:
    reason = reason_of(response)
    if step.token is not None and reason == "invalidPageToken":
        anew = replace(step, token=None)
        return Page(next=_ask(api, anew), cursor=anew.dump())
    found, following = Found(), None
    video, down_to = step.queue[0]
    if reason not in _NOTHING_THERE:
        body = body_of(response, kind=KIND, renewable=api.login.renewable)
        found = read_threads(api, items_of(body, "items"))
        bottom = bottom_of(found.times)
        following = following_token(body, step.token)
        if bottom is not None and bottom < parse_iso(down_to):
            following = None
    if following is not None:
        return _onward(api, task, replace(step, token=following), found, None)
    state: dict[str, Json] = {**task.state}
    if step.asked_at is not None:
        state["watched"] = repolling.asked(part(state, "watched"), video, parse_iso(step.asked_at))
    count = number_of(part(state, "next_counts"), video)
    state["counts"] = {**part(state, "counts"), video: count}
    return _onward(api, task, replace(step, queue=step.queue[1:], token=None), found, state)


def _onward(
    api: Api,
    task: Task,
    step: Step,
    found: Found,
    state: dict[str, Json] | None,
) -> Page:
    items, rejected = tuple(found.items), tuple(found.rejected)
    if step.queue:
        return Page(items, rejected, next=_ask(api, step), cursor=step.dump(), state=state)
    return Page(items, rejected, covered=task.window.interval, state=state)
