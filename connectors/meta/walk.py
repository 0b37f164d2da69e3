"""A plain list, read from its newest entry down: mentions, tags, reviews, hits of a search.

The API promises the order nowhere, so a walk proves its window only when it has reached the end, or three entries
below the window's start in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from connectors.contract import Page, Purpose, Task
from connectors.errors import BadRequest
from connectors.items import Item, Json, Rejected
from connectors.meta.graph import Graph, Params, onward
from connectors.meta.refusals import NotThere, pause_wished
from connectors.progress import bottom_of
from connectors.requests import HttpRequest, HttpResponse

OVERLAP = timedelta(hours=1)
"""How far below a window, or below the last reading, is read again: entries show late, and are edited."""

WHOLE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Found:
    """What the entries of one answer hold."""

    items: tuple[Item, ...] = ()
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk is; travels with the request and as the cursor.

    Attributes:
        at: paging parameters.
        whole: the list is read to its end whatever the dates say.
        again: the place of an earlier run was refused, and the list is read anew.
    """

    at: Params = ()
    whole: bool = False
    again: bool = False

    def dump(self) -> str:
        """Write it down."""
        return orjson.dumps([self.at, self.whole, self.again]).decode()

    @classmethod
    def load(cls, written: str) -> Place:
        """Read what `dump` wrote.

        Raises:
            BadRequest: it is none of ours.
        """
        try:
            at, whole, again = orjson.loads(written)
            return cls(tuple((str(name), str(value)) for name, value in at), whole is True, again is True)
        except (ValueError, TypeError) as error:
            msg = f"{written[:80]!r} is no place to go on"
            raise BadRequest(msg) from error


@dataclass(frozen=True, slots=True)
class Listing:
    """One list.

    Attributes:
        path: below the API's base.
        params: fields and the like.
        shuffled: the platform promises no order at all: the list is read to its end once an hour.
        by_cursor: see `graph.onward`.
    """

    graph: Graph
    path: str
    params: Params
    shuffled: bool = False
    by_cursor: bool = False

    def plan(self, task: Task) -> HttpRequest:
        """Say how the walk begins."""
        if task.window.cursor is not None:
            return self._ask(Place.load(task.window.cursor))
        last = task.state.get("whole_at")
        waited = task.window.interval.end.timestamp() - (last if isinstance(last, int) else 0)
        filling = task.window.purpose is not Purpose.EXTEND
        return self._ask(Place(whole=self.shuffled and (filling or waited >= WHOLE_EVERY.total_seconds())))

    def entries(self, response: HttpResponse) -> tuple[list[Json], dict[str, Json]] | Page:
        """The entries of an answer; a page that begins anew when the place of an earlier run is no longer known."""
        place = Place.load(response.request.step)
        try:
            return self.graph.entries(response)
        except NotThere:
            raise
        except BadRequest:
            if not place.at or place.again:
                raise
            anew = Place(whole=place.whole, again=True)
            return Page(next=self._ask(anew), cursor=anew.dump())

    def page(
        self, task: Task, response: HttpResponse, body: dict[str, Json], found: Found, times: Sequence[datetime]
    ) -> Page:
        """Say what an answer proves and where the walk goes on."""
        following = onward(body, by_cursor=self.by_cursor)
        place = Place.load(response.request.step)
        bottom = bottom_of(times) if len(times) >= 3 else None
        below = bottom is not None and bottom < task.window.interval.start - OVERLAP and not place.whole
        pace = pause_wished(response)
        state: dict[str, Json] | None = None
        if place.whole:
            state = {**task.state, "whole_at": int(task.window.interval.end.timestamp())}
        if following is None or below:
            return Page(found.items, found.rejected, covered=task.window.interval, state=state, poll_after=pace)
        place = replace(place, at=following)
        return Page(
            found.items, found.rejected, next=self._ask(place), cursor=place.dump(), state=state, poll_after=pace
        )

    def _ask(self, place: Place) -> HttpRequest:
        return self.graph.request(self.path, params=(*self.params, *place.at), step=place.dump())
