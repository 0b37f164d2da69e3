"""Reading kept mentions again: what reads them, and who goes on with the work: the worker's duty, or a command."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from inbox.tone.scoring import newest
from inbox.tone.second_tier import head_in_use
from klankbord.compose import Clock
from klankbord.config import Config
from pipeline.again import Again, Step, begin, step, waits
from pipeline.deepening import Deepening
from pipeline.meaning import Meaning, Part
from pipeline.reenriching import AGAIN, Reenrichment
from pipeline.refolding import NAME, Refolding
from store import walks
from store.engine import Store
from store.walks import Walk
from understanding.language import detector_of
from understanding.sentiment.deep import tier_two

REFOLD_ALL = "refold all"
_LEASE = timedelta(minutes=2)
_GIVEN_UP = timedelta(days=1)
"""Work that has not moved for so long keeps nothing waiting."""
_SHIFT_S = 4.0
"""How long a duty works before it looks again whether it still has the same to do."""


def meaning(store: Store, config: Config) -> Meaning:
    """What reads language and sentiment now: the configured detector, the model in use, the adjusted words."""
    return Meaning(detector_of(config.language_detector, config.languages), newest(store))


def deepening(store: Store, config: Config, now: datetime) -> Deepening:
    """Scoring with the second tier, as it is now. Needs vectors, see `understanding.vectors`."""
    with store.read() as conn:
        head = head_in_use(conn)
    return Deepening(tier_two(newest(store), head), languages=config.languages, now=now)


def on_demand(
    store: Store,
    config: Config,
    *,
    parts: Collection[Part] = AGAIN,
    source_id: str | None = None,
    since: datetime | None = None,
) -> Again:
    """What a command does over kept mentions: telling parts again, or, for `duplicates`, folding all anew."""
    now = meaning(store, config)
    if "duplicates" in parts:
        return Refolding(
            now.code, timezone=config.timezone, everything=True, name=REFOLD_ALL, source_id=source_id, since=since
        )
    return Reenrichment(now, parts=parts, name="re-enrich", source_id=source_id, since=since)


def refolding(config: Config, code: str) -> Refolding:
    """Folding anew what another version folded. `code`: of what reads mentions now."""
    return Refolding(code, timezone=config.timezone)


def keys_are_needed(store: Store, now: datetime) -> bool:
    """Whether old mentions are being folded anew, for which they must be found by keys that are else forgotten."""
    with store.read() as conn:
        works = [walks.find_walk(conn, name) for name in (NAME, REFOLD_ALL)]
    return any(each is not None and each.ended_at is None and now - each.moved_at < _GIVEN_UP for each in works)


def read_again(
    store: Store,
    config: Config,
    work: Again,
    *,
    clock: Clock,
    told: Callable[[Walk], object],
    rest: Callable[[float], None] = time.sleep,
) -> tuple[int, Walk]:
    """Do all of a piece of work over kept mentions; goes on where a run for the same was broken off.

    Returns:
        How many were read now, and how far the work is.
    """
    told(begin(store, work, now=clock(), again=True))
    read = 0
    while True:
        done = _slice(store, work, config, clock, rest)
        read += done.read
        told(done.walk)
        if not done.more:
            return read, done.walk


class Shift:
    """A duty that goes on with a piece of work for some seconds at a time. One process of all does so at once.

    Args:
        store: where.
        config: names the time zone of the roll-ups.
        work: makes the work as it is now.
        owner: a name of this process.
        clock: aware UTC.
        rest: waits; so that collecting and agents come first.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        work: Callable[[], Again],
        *,
        owner: str,
        clock: Clock,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._config = config
        self._work = work
        self._owner = owner
        self._clock = clock
        self._rest = rest

    def run(self) -> None:
        """Work for a while."""
        work = self._work()
        if not waits(self._store, work, now=self._clock()):
            return
        until = time.monotonic() + _SHIFT_S
        begin(self._store, work, now=self._clock())
        if not walks.take(self._store, work.name, owner=self._owner, now=self._clock(), lease=_LEASE):
            return
        try:
            while _slice(self._store, work, self._config, self._clock, self._rest).more and time.monotonic() < until:
                pass
        finally:
            walks.give_back(self._store, work.name, owner=self._owner)


def _slice(store: Store, work: Again, config: Config, clock: Clock, rest: Callable[[float], None]) -> Step:
    """One slice, and as long a rest as it took."""
    started = time.monotonic()
    done = step(store, work, now=clock(), timezone=config.timezone)
    if done.more:
        rest(time.monotonic() - started)
    return done
