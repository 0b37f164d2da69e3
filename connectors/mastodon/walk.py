"""The walk through a hashtag's timeline or our notifications, both of which page by id.

Two directions, chosen by what is known:

* **up** from an anchor (an id whose instant is known) that lies at or below the window's start, by `min_id`: each
  answer is the page immediately above, so nothing between two pages is skipped however much arrives meanwhile. It
  proves the window from its start up to each page's newest post; an empty page is the end. Usual for every run
  after the first. (`since_id` would answer the newest page and skip the middle.)
* **down** from the newest by `max_id`, when no anchor is old enough: the first run, and holes; and always on
  servers of other makes that do not know `min_id` and give their newest page instead. In a burst such a page looks
  like the one immediately above, so nobody walks up before one question has shown that the server can (`Probe`).

A post that reaches the instance late gets an id made from its old date and lies below what was read. So once an
hour the walk starts two hours down.

Ids are compared by length, then text: servers of other makes do not use numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import orjson

from connectors.contract import Interval, Purpose, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import text_of
from connectors.items import Json
from connectors.mastodon.reading import created_of
from connectors.progress import bottom_of, lower_of, proven_down, proven_up, top_of

UP, DOWN = "up", "down"
LIMIT = 40
"""Entries per answer: the most a timeline gives."""
REREAD_EVERY = timedelta(hours=1)
REREAD_DEPTH = timedelta(hours=2)
_ANCHOR_SPACING = timedelta(minutes=10)
_ANCHORS = 60
_NEXT_LINK = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk is; travels with the request, and without its edge as the cursor.

    Attributes:
        direction: UP or DOWN.
        at: id to go on from (exclusive); None for the newest.
        edge: ISO instant up to which (UP) or down to which (DOWN) the window is proven; None at its beginning.
        deep: whether this walk counts as the hourly second reading.
    """

    direction: str = DOWN
    at: str | None = None
    edge: str | None = None
    deep: bool = False

    def params(self) -> tuple[tuple[str, str], ...]:
        """The paging parameters of this place."""
        limit = ("limit", str(LIMIT))
        if self.at is None:
            return (limit,)
        return (limit, ("min_id" if self.direction == UP else "max_id", self.at))

    def cursor(self) -> str:
        """What resumes a broken-off chain here; the window then says what is proven."""
        return orjson.dumps([self.direction, self.at]).decode()

    def dump(self) -> dict[str, Json]:
        """As JSON, for `Request.step`."""
        return asdict(self)

    @classmethod
    def load(cls, known: Mapping[str, Json]) -> Place:
        """Read what `dump` wrote."""
        return cls(str(known["direction"]), _text(known["at"]), _text(known["edge"]), known["deep"] is True)


@dataclass(frozen=True, slots=True)
class Probe:
    """A question that shows whether a server knows `min_id`: one entry above `above` must be `expected`."""

    above: str
    expected: str

    def params(self) -> tuple[tuple[str, str], ...]:
        """The paging parameters of the question."""
        return (("limit", "1"), ("min_id", self.above))

    def passed(self, entries: Sequence[Json]) -> bool:
        """Read the answer."""
        return len(entries) == 1 and isinstance(entries[0], dict) and text_of(entries[0], "id") == self.expected


@dataclass(frozen=True, slots=True)
class Stride:
    """What one answer means for the walk: what it proves, where it goes on, what to remember, what to find out."""

    covered: Interval | None
    following: Place | None
    state: dict[str, Json]
    probe: Probe | None = None


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def by_age(key: str) -> tuple[int, str]:
    """Sort key of ids."""
    return len(key), key


def start(task: Task) -> Place:
    """Say where the walk of a task begins.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    window = task.window
    if window.cursor is not None:
        try:
            direction, at = orjson.loads(window.cursor)
        except (orjson.JSONDecodeError, ValueError, TypeError) as error:
            msg = f"{window.cursor!r} is no place to go on in a timeline"
            raise BadRequest(msg) from error
        return Place(UP if direction == UP else DOWN, _text(at))
    deep = window.purpose is Purpose.EXTEND and _reread_due(task)
    limit = min(window.interval.start, window.interval.end - REREAD_DEPTH) if deep else window.interval.start
    climbs = task.state.get("knows_min_id") is True
    below = [key for at, key in _anchors(task.state) if at <= limit] if climbs else []
    return Place(UP, below[-1], deep=deep) if below else Place(DOWN, deep=deep)


def _reread_due(task: Task) -> bool:
    last = task.state.get("reread_at")
    return not isinstance(last, str) or task.window.interval.end - datetime.fromisoformat(last) >= REREAD_EVERY


def _anchors(state: Mapping[str, Json]) -> list[tuple[datetime, str]]:
    """Known (instant, id) pairs, oldest first: no post with a lower id is younger than the instant."""
    kept = state.get("anchors")
    pairs = kept if isinstance(kept, list) else []
    return [
        (datetime.fromisoformat(pair[0]), pair[1])
        for pair in pairs
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], str)
    ]


def stride(task: Task, place: Place, entries: Sequence[Json], link: str) -> Stride:
    """Read what one answer means for the walk.

    Args:
        task: what is read.
        place: where the answer was asked from.
        entries: statuses or notifications of the answer.
        link: its Link header; "" when there is none.

    Raises:
        FormatChanged: no entry has an id, or the server does not page.
    """
    known = [(key, created_of(entry)) for entry in entries if isinstance(entry, dict) and (key := text_of(entry, "id"))]
    if entries and not known:
        msg = f"{len(entries)} posts came, none with an id"
        raise FormatChanged(msg)
    known.sort(key=lambda pair: by_age(pair[0]), reverse=True)
    keys = [key for key, _ in known]
    times = [at for _, at in known if at is not None]
    state = _remember(task, place, keys, times)
    if place.direction == UP and place.at is not None and keys:
        if by_age(keys[-1]) > by_age(place.at):
            return _up(task, place, keys, times, state)
        # The server no longer knows min_id and gave its newest page: walk down from here instead.
        state["knows_min_id"] = False
        return _down(task, Place(DOWN, deep=place.deep), keys, times, state, link=link)
    if place.direction == UP:
        return Stride(proven_up(task.window.interval, _edge(place, up=True), None), None, state)
    found = _down(task, place, keys, times, state, link=link)
    # Three entries at least: the one above the lowest must not be the newest, which a server without min_id gives.
    asks = "knows_min_id" not in state and len(keys) >= 3
    return replace(found, probe=Probe(keys[-1], keys[-2])) if asks else found


def _up(task: Task, place: Place, keys: list[str], times: list[datetime], state: dict[str, Json]) -> Stride:
    window, top = task.window.interval, top_of(times)
    reached = _edge(place, up=True)
    if top is not None and (reached is None or top > reached):
        reached = top
    if task.window.purpose is not Purpose.EXTEND and reached is not None and reached >= window.end:
        return Stride(proven_up(window, _edge(place, up=True), None), None, state)
    covered = None if reached is None else proven_up(window, _edge(place, up=True), reached)
    following = replace(place, at=keys[0], edge=None if reached is None else reached.isoformat())
    return Stride(covered, following, state)


def _down(
    task: Task, place: Place, keys: list[str], times: list[datetime], state: dict[str, Json], *, link: str
) -> Stride:
    window, edge = task.window.interval, _edge(place, up=False)
    if not keys:
        older = _older(link)
        if older is None or older == place.at:
            return Stride(proven_down(window, None, edge), None, state)
        return Stride(None, replace(place, at=older), state)  # everything on this page was filtered out
    if place.at is not None and by_age(keys[-1]) >= by_age(place.at):
        msg = f"the server does not page: asked for posts below {place.at}, got {keys[-1]}"
        raise FormatChanged(msg)
    bottom = bottom_of(times)
    if bottom is not None and bottom < window.start:
        return Stride(proven_down(window, None, edge), None, state)
    covered = None if bottom is None else proven_down(window, bottom, edge)
    lower = lower_of(edge, bottom)
    following = replace(place, at=keys[-1], edge=None if lower is None else lower.isoformat())
    return Stride(covered, following, state)


def _edge(place: Place, *, up: bool) -> datetime | None:
    """The proven edge as `proven` wants it: exclusive, so one tick further on the way up."""
    if place.edge is None:
        return None
    edge = datetime.fromisoformat(place.edge)
    return edge - timedelta(microseconds=1) if up else edge


def _older(link: str) -> str | None:
    """The `max_id` of the next-page link. Only the id is taken: the token is never sent to a linked address."""
    found = _NEXT_LINK.search(link)
    if found is None:
        return None
    values = parse_qs(urlsplit(found[1]).query).get("max_id")
    return values[0] if values else None


def _remember(task: Task, place: Place, keys: list[str], times: list[datetime]) -> dict[str, Json]:
    """Note the page's highest id as an anchor, with the youngest instant of the page: ids below it are no younger."""
    state = dict(task.state)
    if place.deep and place.edge is None:
        state["reread_at"] = task.window.interval.end.isoformat()
    if keys and times:
        anchors = _anchors(task.state)
        at = max(times)
        if all(abs(at - other) >= _ANCHOR_SPACING for other, _ in anchors):
            anchors = sorted([*anchors, (at, keys[0])])[-_ANCHORS:]
            state["anchors"] = [[instant.isoformat(), key] for instant, key in anchors]
    return state
