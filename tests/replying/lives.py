"""What can happen to one wish of the outbox: calls that go wrong, a worker that dies, until all is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inbox.replying.settle import Settling
from store.outbox import Outcome
from tests.replying.house import House

CRASHES = ("none", "before the call", "before the commit", "after the commit")
TURN_S = 11
"""Seconds from one look of the worker to the next."""


class CrashError(Exception):
    """The worker dies here."""


@dataclass(frozen=True)
class Life:
    """What happens: the fate of each call, where the worker dies at each taking, and between which it is collected."""

    fates: tuple[str, ...] = ()
    crashes: tuple[str, ...] = ()
    collected: frozenset[int] = frozenset({2, 9})


class DyingSettling:
    """Settles, and dies where the life says."""

    def __init__(self, real: Settling, crashes: Iterator[str]) -> None:
        self._real = real
        self.crashes = crashes
        self.now = "none"

    def record(self, outbox_id: int, owner: str, outcome: Outcome) -> None:
        if self.now == "before the commit":
            raise CrashError
        self._real.record(outbox_id, owner, outcome)
        if self.now == "after the commit":
            raise CrashError

    def lapsed(self, outbox_ids: Any) -> None:
        self._real.lapsed(outbox_ids)


async def live_through(house: House, life: Life, outbox_id: int, *, turns: int = 400) -> None:
    """Let this happen to a wish, and the workers work, until it is settled or `turns` are over."""
    house.server.fates = [*life.fates]
    dying = DyingSettling(house.settling, iter(life.crashes))
    house.restart(settle=dying)
    seen_through = max([*life.collected, len(life.crashes) + 2])
    for turn in range(turns):
        house.clock.step(seconds=TURN_S)
        dying.now = next(dying.crashes, "none")
        if dying.now == "before the call":
            _cut_the_wire(house.deliverer)
        await house.work()
        if dying.now != "none":
            house.restart(settle=dying)
        if turn in life.collected:
            await house.collect()
        house.route()
        if house.state_of(outbox_id) in {"sent", "failed"} and not house.server.late and turn > seen_through:
            break
    house.clock.step(minutes=5)
    await house.collect()


def _cut_the_wire(deliverer: Any) -> None:
    """The process dies after `sending` was committed and before the call."""

    async def dead(*_: Any, **__: Any) -> None:
        raise CrashError

    deliverer._outcome = dead
