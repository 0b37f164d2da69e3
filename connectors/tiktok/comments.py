"""The one line of work: own videos, and their comments where something changed or the video's turn has come.

TikTok tells of nothing. The list of videos says how many comments each has: a video whose number changed is read down
to what is known; one whose turn has come by its age (`connectors.repolling`) is read to the end, because an answer to
an old comment stands far down. A chain that read every video that changed or was due proves its window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import orjson

from connectors import repolling
from connectors.contract import Page, Task
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import flag_of, items_of, number_of, part, text_of
from connectors.items import Item, Json, Rejected
from connectors.progress import bottom_of, top_of
from connectors.requests import HttpRequest, HttpResponse
from connectors.tiktok.account import Account
from connectors.tiktok.reading import COMMENT, VIDEO, read, with_context, written_at

VIDEOS, COMMENTS = 20, 30
"""Entries per answer: the most TikTok gives."""
FIELDS = ("item_id", "caption", "create_time", "share_url", "likes", "comments", "shares", "video_views")
_MOST_LISTS = 25
REFUSALS = 3
"""So many videos one after another whose comments are closed to us are no longer about single videos."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where this walk is; travels with the request and as the cursor.

    Attributes:
        videos: cursor of the list of videos; None once the list is complete.
        lists: answers of that list so far.
        queue: videos still to read, each with its link, the instant (Unix) down to which it is read or 0 for all, and
            the number of comments that the list told.
        at: cursor within the first of those.
        top: newest instant (Unix) seen in it, apart from strays.
        answered: comments of the last answer whose own answers did not all come with them.
        below: cursor within the answers to the first of those.
        more: whether more comments of the video follow.
        refused: so many videos one after another were closed to us.
    """

    videos: int | None = 0
    lists: int = 0
    queue: tuple[tuple[str, str, int, int], ...] = ()
    at: int = 0
    top: int = 0
    answered: tuple[str, ...] = ()
    below: int = 0
    more: bool = True
    refused: int = 0

    def dump(self) -> str:
        """Write it down for `Request.step` and the cursor."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote."""
        known = orjson.loads(written)
        queue = tuple((str(key), str(link), int(down), int(count)) for key, link, down, count in known.pop("queue"))
        return cls(**{**known, "queue": queue, "answered": tuple(known["answered"])})


Reading = tuple[Sequence[Item], Sequence[Rejected]]
NOTHING: Reading = ((), ())


def plan(account: Account, task: Task) -> HttpRequest:
    """Begin with the newest videos, or where an earlier chain broke off."""
    return _ask(account, Step() if task.window.cursor is None else Step.load(task.window.cursor))


def parse(account: Account, task: Task, response: HttpResponse) -> Page:
    """Read one answer of this walk."""
    step = Step.load(response.request.step)
    if step.videos is not None:
        return _listed(account, task, step, response)
    try:
        data = account.data(response)
    except BadRequest:
        return _read_out(account, task, step, response)  # the video was removed since it was listed
    except Forbidden as error:
        if response.status >= 400 or step.refused + 1 >= REFUSALS:  # TikTok's own refusals come with 200
            raise
        key = step.queue[0][0]
        closed, watched = {**part(dict(task.state), "closed"), key: True}, part(dict(task.state), "watched")
        if all(each in closed for each in watched):
            raise  # nothing at all can be read, which no single video explains
        lost = Rejected(str(error), {"video": key}, key)
        return _read_out(account, task, step, response, ((), (lost,)), refused=step.refused + 1)
    if not isinstance(data.get("comments"), list):
        msg = "TikTok answered without a list of comments"
        raise FormatChanged(msg)
    entries = items_of(data, "comments")
    reading = _read(account, [*entries, *_inside(entries)], COMMENT, link=step.queue[0][1] or None)
    if step.answered:
        more, cursor = _further(data, step.below)
        answered = step.answered if more else step.answered[1:]
        return _onward(account, task, replace(step, answered=answered, below=cursor if more else 0), response, reading)
    times = [at for at in map(written_at, entries) if at is not None]
    bottom, newest = bottom_of(times), top_of(times)
    known = bottom is not None and bottom.timestamp() < step.queue[0][2]
    more, cursor = _further(data, step.at)
    top = step.top if newest is None else max(step.top, int(newest.timestamp()))
    following = replace(step, at=cursor, top=top, answered=_cut_off(entries), more=more and not known)
    return _onward(account, task, following, response, reading)


def _further(data: dict[str, Json], at: int) -> tuple[bool, int]:
    """Whether there is more behind an answer, and its cursor.

    Raises:
        FormatChanged: TikTok promises more, and leads back.
    """
    more, cursor = flag_of(data, "has_more"), number_of(data, "cursor") or 0
    if more and cursor <= at:
        msg = f"TikTok does not page: after {at} it leads to {cursor}"
        raise FormatChanged(msg)
    return more, cursor


def _listed(account: Account, task: Task, step: Step, response: HttpResponse) -> Page:
    data = account.data(response)
    if not isinstance(data.get("videos"), list):
        msg = "TikTok answered without a list of videos"
        raise FormatChanged(msg)
    entries = items_of(data, "videos")
    items, rejected = _read(account, entries, VIDEO)
    known, seen = part(dict(task.state), "watched"), part(dict(task.state), "seen")
    fresh = {item.external_id: item.published_at for item in items if item.published_at is not None}
    watched = repolling.watch(known, fresh)
    due = set(repolling.due(watched, response.received_at))
    queue = list(step.queue)
    for item in items:
        before = [each for each in items_of(seen, item.external_id) if isinstance(each, int)]
        count = item.counts.replies
        # What is read for the first time, or in its turn, is read to the end; what grew, down to what is known.
        down = before[1] if len(before) == 2 and item.external_id not in due else 0
        if item.external_id in due or len(before) != 2 or count is None or count != before[0]:
            queue.append((item.external_id, item.url or "", down, count if count is not None else -1))
    more, cursor = _further(data, step.videos or 0)
    following = Step(cursor if more and step.lists + 1 < _MOST_LISTS else None, step.lists + 1, tuple(queue))
    return _page(account, task, following, (items, rejected), {**task.state, "watched": watched})


def _onward(account: Account, task: Task, step: Step, response: HttpResponse, reading: Reading) -> Page:
    if step.answered or step.more:
        return _page(account, task, step, reading)
    return _read_out(account, task, step, response, reading)


def _read_out(
    account: Account, task: Task, step: Step, response: HttpResponse, reading: Reading = NOTHING, *, refused: int = 0
) -> Page:
    """The video in front is read: down to what was known, or to its end."""
    (key, _, down, count), queue = step.queue[0], step.queue[1:]
    watched, seen = part(dict(task.state), "watched"), part(dict(task.state), "seen")
    if down == 0:
        watched = repolling.asked(watched, key, response.received_at)
    kept: dict[str, Json] = {name: seen[name] for name in seen if name in watched and name != key}
    closed = {**part(dict(task.state), "closed"), key: refused > 0}
    state: dict[str, Json] = {
        **task.state,
        "watched": watched,
        "seen": {**kept, key: [count, max(step.top, down)]},
        "closed": {name: True for name, shut in closed.items() if shut and name in watched},
    }
    return _page(account, task, Step(None, step.lists, queue, refused=refused), reading, state)


def _page(account: Account, task: Task, step: Step, reading: Reading, state: Mapping[str, Json] | None = None) -> Page:
    more = step.videos is not None or bool(step.queue)
    items, rejected = reading
    return Page(
        tuple(items),
        tuple(rejected),
        next=_ask(account, step) if more else None,
        cursor=step.dump() if more else None,
        covered=None if more else task.window.interval,
        state=state,
    )


def _read(account: Account, entries: Sequence[Json], what: str, *, link: str | None = None) -> Reading:
    items: list[Item] = []
    rejected: list[Rejected] = []
    for each in entries:
        us = (account.id, account.options.username)
        kept = with_context(each, what, account.own, link=link, us=us if what == VIDEO else None)
        try:
            items.append(read(kept))
        except ValueError as error:
            rejected.append(Rejected(str(error), kept))
    return items, rejected


def _inside(entries: Sequence[Json]) -> list[Json]:
    """The answers that came with their comments."""
    return [below for each in entries if isinstance(each, dict) for below in items_of(each, "reply_list")]


def _cut_off(entries: Sequence[Json]) -> tuple[str, ...]:
    """Comments with more answers than came with them."""
    found = []
    for each in entries:
        key = text_of(each, "comment_id") if isinstance(each, dict) else None
        if isinstance(each, dict) and key and (number_of(each, "replies") or 0) > len(items_of(each, "reply_list")):
            found.append(key)
    return tuple(found)


def _ask(account: Account, step: Step) -> HttpRequest:
    if step.videos is not None:
        params = (("fields", orjson.dumps(FIELDS).decode()), ("cursor", str(step.videos)), ("max_count", str(VIDEOS)))
        return account.read("video/list", *params, step=step.dump())
    video = step.queue[0][0]
    if step.answered:
        return answers_request(account, video, step.answered[0], cursor=step.below, step=step.dump())
    return account.read(
        "comment/list",
        ("video_id", video),
        ("include_replies", "true"),
        ("status", "ALL"),
        ("sort_field", "create_time"),
        ("sort_order", "desc"),
        ("cursor", str(step.at)),
        ("max_count", str(COMMENTS)),
        step=step.dump(),
    )


def answers_request(account: Account, video: str, comment: str, *, cursor: int, step: str) -> HttpRequest:
    """The call that lists the answers to a comment, newest first."""
    return account.read(
        "comment/reply/list",
        ("video_id", video),
        ("comment_id", comment),
        ("sort_field", "create_time"),
        ("sort_order", "desc"),
        ("cursor", str(cursor)),
        ("max_count", str(COMMENTS)),
        step=step,
    )


def comment_request(account: Account, video: str, comment: str, *, step: str) -> HttpRequest:
    """The call that asks for one comment."""
    return account.read(
        "comment/list",
        ("video_id", video),
        ("comment_ids", orjson.dumps([comment]).decode()),
        ("include_replies", "false"),
        ("status", "ALL"),
        step=step,
    )
