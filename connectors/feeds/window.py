"""What one look at a feed proves complete.

A feed shows its newest N entries and nothing else, so between two looks entries may have come and gone. The
proof that none did: an entry of the newer half of the last window is still there. (Any entry will not do: one that
is pinned to the top is there for ever.) Without that proof the newest-first rule holds: the window is complete down to
its oldest entry, and below lies a gap, unless the feed offers older pages.

Pure: instants come in, nothing is read from a clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.contract import GapFound, Interval, Purpose, Window
from connectors.feeds.identity import mark
from connectors.items import Json

#: Ids remembered of the last window. Longer feeds are archives; their newest thousand are enough to recognise them.
REMEMBERED = 1_000
#: No feed is known to show fewer entries than this when it has more; a shorter one shows all it has.
SMALLEST_WINDOW = 5
#: Shared ids remembered, see `identity.tell_apart`.
REMEMBERED_OWNERS = 500


@dataclass(frozen=True, slots=True)
class Sighting:
    """One entry of a window: its id, what tells it apart, and its plausible date."""

    external_id: str
    content_key: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept of the last look.

    Attributes:
        at: up to when that look was asked for, aware UTC; None before the first.
        seen: mark of id to content key, newest first.
        owners: shared ids and who holds them.
        poll_s: the feed's own wish, for answers that say only "unchanged".
    """

    at: datetime | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    poll_s: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A further page of a chain into the past.

    Attributes:
        url: of the page.
        number: 2 for the first older page.
        until: how far back the chain has to go.
        ceiling: where the page before began; that page proved everything from there on.
        counted: True when the pages are counted up by us rather than named by the feed.
    """

    url: str
    number: int
    until: datetime
    ceiling: datetime
    counted: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What a page proves: covered time, a gap, and whether and how far to go on.

    `stuck` is True when an older page brought nothing older, as caches that overlook the page number do.
    """

    covered: Interval | None = None
    gaps: tuple[GapFound, ...] = ()
    go_on: Step | None = None
    stuck: bool = False


def read_memory(state: Mapping[str, Json]) -> Memory:
    """Read the source's state; one that we did not write counts as none."""
    try:
        at = state.get("at")
        poll = state.get("poll_s")
        seen = state.get("seen")
        pairs = [str(pair).partition(":") for pair in seen] if isinstance(seen, list) else []
        owners = state.get("owners")
        return Memory(
            at=datetime.fromisoformat(at) if isinstance(at, str) else None,
            seen={key: value for key, _, value in pairs},
            owners={key: str(value) for key, value in owners.items()} if isinstance(owners, dict) else {},
            poll_s=float(poll) if isinstance(poll, int | float) else None,
        )
    except ValueError:
        return Memory()


def write_memory(memory: Memory) -> dict[str, Json]:
    """Make the state to commit."""
    return {
        "at": memory.at.isoformat() if memory.at else None,
        "seen": [f"{key}:{value}" for key, value in list(memory.seen.items())[:REMEMBERED]],
        "owners": dict(list(memory.owners.items())[-REMEMBERED_OWNERS:]),
        "poll_s": memory.poll_s,
    }


def remember(sightings: Sequence[Sighting]) -> dict[str, str]:
    """List a window's ids newest first, entries without a date where the feed put them."""
    latest = max((each.published_at for each in sightings if each.published_at), default=None)
    if latest is not None:
        sightings = sorted(sightings, key=lambda each: each.published_at or latest, reverse=True)
    return {mark(each.external_id): each.content_key for each in sightings}


def first_page(
    memory: Memory,
    window: Window,
    sightings: Sequence[Sighting],
    *,
    older: Step | None,
    lookback: timedelta,
) -> Proof:
    """Judge the feed's own page.

    Args:
        memory: of the last look.
        window: what was asked; its end is an instant just before the question.
        sightings: its entries in the feed's order.
        older: the page to go on with, if the feed offers one; its instants are filled in here.
        lookback: a window that begins further back than this before the last look holds an open hole.
    """
    if window.purpose is not Purpose.EXTEND:
        return _into_the_past(window.interval, _oldest(sightings), older)
    if memory.at is None:
        return _first_look(window.interval, _oldest(sightings), older)
    if memory.at >= window.interval.end:
        return Proof()
    holds_a_hole = window.interval.start < memory.at - lookback - timedelta(seconds=1)
    wanted = window.interval.start if holds_a_hole else memory.at
    return _next_look(memory, memory.at, wanted, window.interval.end, sightings=sightings, older=older)


def _next_look(
    memory: Memory,
    since: datetime,
    wanted: datetime,
    now: datetime,
    *,
    sightings: Sequence[Sighting],
    older: Step | None,
) -> Proof:
    """Judge a look at `now` after an earlier one at `since`; an open hole may want it back to `wanted`."""
    reach = _oldest(sightings)
    if _meets(memory, sightings):
        proven = since if reach is None else max(wanted, min(since, reach))
    else:
        reach = _oldest([each for each in sightings if mark(each.external_id) not in memory.seen])
        if reach is None:
            return Proof(gaps=_gap(since, now, _UNDATED))
        proven = max(wanted, reach)
    covered = Interval(proven, now) if proven < now else None
    if proven > wanted and older is not None and covered is not None:
        return Proof(covered, go_on=_aimed(older, wanted, proven))
    return Proof(covered, gaps=_gap(since, min(proven, now), _LOST))


def older_page(step: Step, sightings: Sequence[Sighting], older: Step | None, *, missing: bool) -> Proof:
    """Judge a further page.

    Args:
        step: what was asked.
        sightings: its entries; empty when `missing`.
        older: the next page, if the feed offers one.
        missing: the page does not exist (404).
    """
    if step.until >= step.ceiling:
        return Proof()
    if missing and step.counted:  # WordPress answers 404 to the page behind the last one
        return Proof(Interval(step.until, step.ceiling))
    reach = _oldest(sightings)
    if missing or reach is None or reach >= step.ceiling:
        return Proof(gaps=_gap(step.until, step.ceiling, _STOPPED), stuck=not missing)
    if reach <= step.until or older is None:
        return Proof(Interval(step.until, step.ceiling))
    return Proof(Interval(reach, step.ceiling), go_on=_aimed(older, step.until, reach))


_UNDATED = "none of the entries of the last look is left and the new ones have no dates; poll it more often"
_LOST = "more entries came between two looks than the feed shows; poll it more often"
_STOPPED = "the feed's older pages end before this stretch"
_NOT_KEPT = "the feed no longer shows entries this old"


def _first_look(asked: Interval, reach: datetime | None, older: Step | None) -> Proof:
    """On the first look there is nothing to miss yet: what lies before the window's oldest entry is no gap."""
    if reach is None or reach <= asked.start:
        return Proof(asked)
    covered = Interval(reach, asked.end) if reach < asked.end else None
    return Proof(covered, go_on=_aimed(older, asked.start, reach) if older else None)


def _into_the_past(asked: Interval, reach: datetime | None, older: Step | None) -> Proof:
    if reach is None:
        return Proof(gaps=_gap(asked.start, asked.end, _NOT_KEPT))
    if reach <= asked.start:
        return Proof(asked)
    edge = min(reach, asked.end)
    covered = Interval(edge, asked.end) if edge < asked.end else None
    if older is None:
        return Proof(covered, gaps=_gap(asked.start, edge, _NOT_KEPT))
    return Proof(covered, go_on=_aimed(older, asked.start, reach))


def _meets(memory: Memory, sightings: Sequence[Sighting]) -> bool:
    if not sightings:
        return True  # an empty window has nothing that could have pushed entries out
    if not memory.seen:
        return len(sightings) < SMALLEST_WINDOW
    marks = list(memory.seen)
    newer_half = set(marks[: max(2, (len(marks) + 1) // 2)])
    return any(mark(each.external_id) in newer_half for each in sightings)


def _oldest(sightings: Sequence[Sighting]) -> datetime | None:
    """The instant a window reaches back to: of four or more the second oldest, as one may be pinned or misdated."""
    dates = sorted(each.published_at for each in sightings if each.published_at is not None)
    if not dates:
        return None
    # an entry of the very same instant may have fallen off the end, so the proof begins just after it
    return (dates[1] if len(dates) >= 4 else dates[0]) + timedelta(microseconds=1)


def _gap(start: datetime, end: datetime, reason: str) -> tuple[GapFound, ...]:
    return (GapFound(Interval(start, end), reason),) if start < end else ()


def _aimed(step: Step, until: datetime, ceiling: datetime) -> Step:
    return Step(step.url, step.number, until, ceiling, step.counted)


def write_step(step: Step) -> str:
    """Note a step so that a later run can take it up (`Page.cursor`, `HttpRequest.step`)."""
    return json.dumps(
        {
            "url": step.url,
            "number": step.number,
            "until": step.until.isoformat(),
            "ceiling": step.ceiling.isoformat(),
            "counted": step.counted,
        },
        sort_keys=True,
    )


def read_step(noted: str) -> Step | None:
    """Read a note of `write_step`; None for anything else."""
    try:
        part = json.loads(noted)
        return Step(
            str(part["url"]),
            int(part["number"]),
            datetime.fromisoformat(part["until"]),
            datetime.fromisoformat(part["ceiling"]),
            bool(part["counted"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
