"""A round: list what things can be said under (posts, media, conversations), then read what was said under each.

There is no list of all new comments. So each round lists the holders, and reads those whose turn it is: by the age of a
post (`connectors.repolling`), at once when its count changed, or, where the platform tells when something last changed
under a holder (conversations), exactly those that changed. Under a holder the newest is read first, down to where it
was read last, less an hour.

**Covered** is claimed by the last answer of a round only, and means: every holder whose turn it was has been read, or
is closed to us and set aside as such. When all that are watched are closed, the line is refused and claims nothing.
What was said under an old post a minute ago is found at that post's next turn, because the next reading starts at the
last.

The queue of holders travels with the requests and as the cursor, and is written into the state in the same commit that
marks its holders as read: a broken-off round goes on with exactly what it had left.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import orjson

from connectors import repolling
from connectors.contract import Page, Purpose, Task
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import part
from connectors.items import Item, Json, Rejected
from connectors.meta.graph import Graph, Params, onward
from connectors.meta.refusals import NotThere, lacks_permission, pause_wished
from connectors.meta.walk import OVERLAP, Found
from connectors.progress import bottom_of
from connectors.requests import HttpRequest, HttpResponse

EARLY = timedelta(minutes=2)
"""A run that comes a little early must not make a post wait a whole turn more."""
DEEP_EVERY = timedelta(hours=1)
"""Between two, only the top of the list is read: younger posts than the window, and whatever shares their page."""
REFUSALS = 3
"""So many posts one after another that are closed to us are no longer about single posts."""
WHOLE_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holder:
    """Something that things are said under.

    Attributes:
        key: its id on the platform.
        at: when it was published; in a round of changes, when something last changed under it.
        count: how many things are said under it, where the platform tells; a change is a reason to look.
        quiet: the platform tells that nothing is said under it.
    """

    key: str
    at: datetime
    count: int | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A holder to be read.

    Attributes:
        key: its id.
        edge: what is asked below it (`comments`, `replies`).
        floor: Unix time down to which it is read; None: to its end.
        wanted: things that the count says are new and that were not met yet; 0 where the count says nothing.
    """

    key: str
    edge: str
    floor: int | None = None
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Where a round is. `at` is the place in the list of holders, or under the first of the queue.

    Attributes:
        listing: holders are still being listed.
        at: paging parameters.
        queue: holders to read.
        changed: holders whose count changed, with the new count.
        deep: the list is read down to the oldest watched holder.
        again: the place of an earlier run was refused, and the list is read anew.
        refused: so many holders one after another were closed to us.
    """

    listing: bool = True
    at: Params = ()
    queue: tuple[Turn, ...] = ()
    changed: tuple[tuple[str, int], ...] = ()
    deep: bool = False
    again: bool = False
    refused: int = 0

    def dump(self) -> str:
        """Write it down for `Request.step` and the cursor."""
        turns = [(each.key, each.edge, each.floor, each.wanted) for each in self.queue]
        return orjson.dumps([self.listing, self.at, turns, self.changed, self.deep, self.again, self.refused]).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote.

        Raises:
            BadRequest: it is none of ours.
        """
        try:
            listing, at, queue, changed, deep, again, *more = orjson.loads(written)
            return cls(
                listing is True,
                tuple((str(name), str(value)) for name, value in at),
                tuple(Turn(str(key), str(edge), floor, int(wanted)) for key, edge, floor, wanted in queue),
                tuple((str(key), int(count)) for key, count in changed),
                deep is True,
                again is True,
                int(more[0]) if more else 0,
            )
        except (ValueError, TypeError) as error:
            msg = f"{written[:80]!r} is no place to go on"
            raise BadRequest(msg) from error


@dataclass(frozen=True, slots=True)
class Listed:
    """What an answer of the list holds."""

    items: tuple[Item, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True)
class Under:
    """What was said under a holder.

    Attributes:
        times: instants of what the list itself holds, in its order.
        more: further lists to read, such as long threads below one comment.
    """

    items: tuple[Item, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    times: tuple[datetime, ...] = ()
    more: tuple[Turn, ...] = ()


class Round(ABC):
    """A line of work of this kind; a subclass says how its platform words it.

    Class attributes:
        by_age: holders are watched and read by their age; False: those that changed since the window's start.
        whole_daily: something said deep down does not come up, so every watched holder is read whole once a day.
        edge: what is asked below a holder.
        by_cursor: of what is said under a holder; see `graph.onward`.
    """

    by_age: ClassVar[bool] = True
    whole_daily: ClassVar[bool] = False
    edge: ClassVar[str] = "comments"
    by_cursor: ClassVar[bool] = False

    def __init__(self, graph: Graph, watch: timedelta) -> None:
        self.graph = graph
        self.watch = watch

    @abstractmethod
    def list_call(self) -> tuple[str, Params]:
        """Path and parameters of the list of holders."""

    @abstractmethod
    def under_call(self, turn: Turn) -> tuple[str, Params]:
        """Path and parameters of what is said under one."""

    @abstractmethod
    def read_list(self, entries: Sequence[Json], now: datetime) -> Listed:
        """Read entries of the list."""

    @abstractmethod
    def read_under(self, turn: Turn, entries: Sequence[Json], now: datetime) -> Under:
        """Read what was said under a holder."""

    def plan(self, task: Task) -> HttpRequest:
        """Say how a round begins, or where a broken-off one goes on."""
        if task.window.cursor is not None:
            return self._ask(Step.load(task.window.cursor))
        last = task.state.get("deep_at")
        waited = task.window.interval.end.timestamp() - (last if isinstance(last, int) else 0)
        filling = task.window.purpose is not Purpose.EXTEND
        return self._ask(Step(deep=self.by_age and (filling or waited >= DEEP_EVERY.total_seconds())))

    def parse(self, task: Task, response: HttpResponse) -> Page:
        """Read one answer."""
        step = Step.load(response.request.step)
        try:
            entries, body = self.graph.entries(response)
        except NotThere:
            if step.listing:
                raise
            return self._page(task, response, self._behind(step), Found())  # it went while the round was on
        except Forbidden as error:
            if step.listing or step.refused + 1 >= REFUSALS or not lacks_permission(response):
                raise
            turn = step.queue[0]
            closed, posts = {**part(dict(task.state), "closed"), turn.key: True}, part(dict(task.state), "posts")
            if posts and all(key in closed for key in posts):
                raise  # nothing at all can be read, which no single post explains
            lost = Rejected(str(error), {"id": turn.key, "edge": turn.edge}, turn.key)
            after = replace(self._behind(step), refused=step.refused + 1)
            kept: dict[str, Json] = {key: True for key in closed if key in posts}
            return self._page(task, response, after, Found((), (lost,)), {**task.state, "closed": kept})
        except BadRequest:
            if not step.at or step.again:
                raise
            # Places are good for a while only: the list is read anew from its newest entry.
            return self._page(task, response, replace(step, at=(), again=True), Found())
        return (self._listed if step.listing else self._under)(task, response, step, entries, body)

    def _ask(self, step: Step) -> HttpRequest:
        path, params = self.list_call() if step.listing else self.under_call(step.queue[0])
        return self.graph.request(path, params=(*params, *step.at), step=step.dump())

    def _listed(
        self, task: Task, response: HttpResponse, step: Step, entries: list[Json], body: dict[str, Json]
    ) -> Page:
        found, window = self.read_list(entries, response.received_at), task.window.interval
        shown = Found(found.items, found.rejected)
        if entries and not found.holders and not found.rejected and not found.items:
            msg = f"{self.graph.platform} answered {len(entries)} entries that cannot be read"
            raise FormatChanged(msg)
        deepest = window.start - OVERLAP
        if step.deep:
            deepest = min(deepest, response.received_at - self.watch)
        bottom = bottom_of([each.at for each in found.holders]) if len(found.holders) >= 3 else None
        following = onward(body)
        last = following is None or (bottom is not None and bottom < deepest)
        step, state = self._noted(task, response, step, found.holders)
        if step.deep:
            state["deep_at"] = int(window.end.timestamp())
        if not last:
            return self._page(task, response, replace(step, at=following or ()), shown, state)
        if self.by_age:
            step, state = self._queued(task, response, step, state)
        done = Step(listing=False, queue=step.queue)
        return self._page(task, response, done, shown, state)

    def _noted(
        self, task: Task, response: HttpResponse, step: Step, holders: Sequence[Holder]
    ) -> tuple[Step, dict[str, Json]]:
        """Begin to watch the holders of an answer, or queue those that changed."""
        state, start = dict(task.state), task.window.interval.start - OVERLAP
        if not self.by_age:
            queued = {turn.key for turn in step.queue}
            due = [each for each in holders if each.at >= start and not each.quiet and each.key not in queued]
            turns = tuple(Turn(each.key, self.edge, int(start.timestamp())) for each in due)
            return replace(step, queue=(*step.queue, *turns)), state
        oldest = min(start, response.received_at - self.watch)
        watched = {each.key: each.at for each in holders if each.at >= oldest and not each.quiet}
        state["posts"] = repolling.watch(part(state, "posts"), watched)
        counts, known = part(state, "counts"), dict(step.changed)
        for each in holders:
            if each.key in watched and each.count is not None and counts.get(each.key) != each.count:
                known[each.key] = each.count
        return replace(step, changed=tuple(known.items())), state

    def _queued(
        self, task: Task, response: HttpResponse, step: Step, state: dict[str, Json]
    ) -> tuple[Step, dict[str, Json]]:
        """The list is complete: queue whose turn it is, and mark them as read in the same commit."""
        now = response.received_at
        posts, counts, wholes = part(state, "posts"), part(state, "counts"), part(state, "whole")
        posts = self._still_watched(posts, now)
        changed = {key: count for key, count in step.changed if key in posts}
        filling = task.window.purpose is not Purpose.EXTEND
        keys = list(posts) if filling else list(dict.fromkeys([*changed, *repolling.due(posts, now + EARLY)]))
        turns = []
        for key in keys:
            floor = self._floor(posts, wholes, key, task, filling=filling)
            before, after = counts.get(key), changed.get(key)
            wanted = after - before if isinstance(before, int) and after is not None else 0
            turns.append(Turn(key, self.edge, floor, max(wanted, 0) if floor is not None else 0))
            if floor is None:
                wholes = {**wholes, key: int(now.timestamp())}
            if not filling:
                posts = repolling.asked(posts, key, now)
        state = {
            **state,
            "posts": posts,
            "counts": {key: value for key, value in {**counts, **changed}.items() if key in posts},
        }
        if self.whole_daily:
            state["whole"] = {key: value for key, value in wholes.items() if key in posts}
        return replace(step, queue=tuple(turns)), state

    def _still_watched(self, posts: Mapping[str, Json], now: datetime) -> dict[str, Json]:
        oldest = now - self.watch
        return {key: value for key, value in posts.items() if (repolling.published(posts, key) or now) >= oldest}

    def _floor(
        self, posts: Mapping[str, Json], wholes: Mapping[str, Json], key: str, task: Task, *, filling: bool
    ) -> int | None:
        overlap = int(OVERLAP.total_seconds())
        if filling:
            return int(task.window.interval.start.timestamp()) - overlap
        asked = _last_asked(posts.get(key))
        whole = wholes.get(key)
        end = int(task.window.interval.end.timestamp())
        if self.whole_daily and (not isinstance(whole, int) or end - whole >= WHOLE_EVERY.total_seconds()):
            return None
        return None if not asked else asked - overlap

    def _under(
        self, task: Task, response: HttpResponse, step: Step, entries: list[Json], body: dict[str, Json]
    ) -> Page:
        turn = step.queue[0]
        if any(isinstance(each, dict) and each.get("id") == turn.key for each in entries):
            msg = f"{self.graph.platform} answered with the post itself where what is said under it was asked for"
            raise FormatChanged(msg)
        found = self.read_under(turn, entries, response.received_at)
        if turn.floor is not None and turn.wanted:
            since = datetime.fromtimestamp(turn.floor, UTC) + OVERLAP
            met = sum(item.published_at is not None and item.published_at > since for item in found.items)
            turn = replace(turn, wanted=max(0, turn.wanted - met))
        bottom = bottom_of(found.times) if len(found.times) >= 3 else None
        reached = turn.floor is not None and bottom is not None and bottom.timestamp() < turn.floor
        following = onward(body, by_cursor=self.by_cursor)
        if following is None or (reached and not turn.wanted):
            behind = self._behind(step, found.more)
            return self._page(task, response, behind, Found(found.items, found.rejected), _opened(task.state, turn.key))
        ahead = replace(step, at=following, queue=(turn, *step.queue[1:], *found.more))
        return self._page(task, response, ahead, Found(found.items, found.rejected))

    def _behind(self, step: Step, more: Sequence[Turn] = ()) -> Step:
        return Step(listing=False, queue=(*step.queue[1:], *more))

    def _page(
        self,
        task: Task,
        response: HttpResponse,
        step: Step,
        found: Found,
        state: Mapping[str, Json] | None = None,
    ) -> Page:
        pace = pause_wished(response)
        if not step.listing and not step.queue:
            return Page(found.items, found.rejected, covered=task.window.interval, state=state, poll_after=pace)
        return Page(found.items, found.rejected, next=self._ask(step), cursor=step.dump(), state=state, poll_after=pace)


def _opened(state: Mapping[str, Json], key: str) -> dict[str, Json] | None:
    """The state without a post among those that are closed to us; None when it was not among them."""
    closed = part(dict(state), "closed")
    if key not in closed:
        return None
    return {**state, "closed": {each: True for each in closed if each != key}}


def _last_asked(value: Json) -> int:
    match value:
        case [int(), int(last)]:
            return last
        case _:
            return 0
