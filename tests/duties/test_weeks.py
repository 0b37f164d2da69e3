"""The platforms' own rules, through the worker's own jobs, while a clock runs on for weeks: nothing outlives them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors import registry
from klankbord.compose import duty_record
from klankbord.config import Config
from klankbord.work import duties, rechecking
from pipeline.duties import Duties
from pipeline.settings import SourceSettings
from store.keeping import Keeping
from store.schema import author, mention, mention_html, mention_raw
from tests.conftest import Clock
from tests.duties.conftest import DutyHouse
from tests.replying.platforms import Instance, Server

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)
STEP = timedelta(hours=3)
JOBS = {"erasing what may not be kept longer", "telling mentions of changed duties"}


def _asked(name: str) -> Keeping:
    source = SourceSettings.model_validate({"id": "s", "connector": name, "every": "5m"})
    return duty_record(source).keeping


RULED = {name: _asked(name) for name in sorted(each.name for each in registry.known()) if _asked(name) != Keeping()}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server(clock: Clock) -> Server:
    """Times are no matter of one platform."""
    return Instance(clock)


def test_the_platforms_with_rules_are_those_of_the_documentation() -> None:
    assert {"x", "reddit", "youtube", "linkedin", "bluesky", "facebook", "instagram", "threads"} <= set(RULED)
    hours = {name: (keeping.keep_s, keeping.profiles_s) for name, keeping in RULED.items() if keeping.keep_s}
    assert hours["linkedin"] == (48 * 3600, 24 * 3600)
    assert hours["youtube"][0] == 30 * 24 * 3600
    assert (RULED["reddit"].recheck_s or 0) <= 48 * 3600
    assert RULED["x"].erase_s == 24 * 3600


@pytest.mark.parametrize("name", RULED)
async def test_what_was_removed_goes_and_what_is_not_seen_again_goes_in_time(
    house: DutyHouse, server: Server, clock: Clock, name: str
) -> None:
    keeping = RULED[name]
    every = keeping.ask_every
    assert every is not None
    house.ask_for(keeping)
    config = Config.model_validate({"timezone": "Europe/Amsterdam"})
    worker = Duties(
        [*(one for one in duties(house.store, config, clock) if one.name in JOBS), rechecking(house.rechecker)], clock
    )
    for text in ("Waar blijft mijn pakket? #acme", "Dit haal ik weg #acme"):
        server.ask(text, who=f"klant{len(server.posts)}")
        clock.step(seconds=1)
    await house.collect()
    stays, goes = _rows(house)
    step = max(STEP, every / 12)

    async def until(end: datetime) -> None:
        while clock() < end:
            clock.step(step)
            for _ in range(2):  # what was asked about is erased by the next round of the jobs
                worker.start_due()
                await worker.drain(timedelta(seconds=30))
                await house.rechecker.settled()
                clock.step(seconds=61)
            _hold(house, keeping, clock(), step)

    await until(clock() + 2 * every)
    assert {row.text for row in _rows(house)} == {stays.text, goes.text}, "what stands upstream stays"
    removed_at = clock()
    del server.posts[list(server.posts)[1]]
    await until(removed_at + every + 2 * step)
    first, second = _rows(house)
    assert (first.text, second.text) == (stays.text, "")
    assert second.deleted_at - removed_at <= every + 2 * step
    assert _left(house, second.id) == []
    server.down = True
    down_at = clock()
    longest = max(timedelta(seconds=keeping.keep_s or 0), timedelta(seconds=keeping.profiles_s or 0), DAY)
    await until(down_at + longest + 2 * step)
    (first, _) = _rows(house)
    assert (first.text == "") == (keeping.keep_s is not None), "a failing platform is no reason to keep longer"


def _hold(house: DutyHouse, keeping: Keeping, now: datetime, step: timedelta) -> None:
    """Nothing of what is kept is older than the rule lets it be, but for the time between two looks."""
    for row in _rows(house):
        if keeping.keep_s is not None and row.text:
            assert now - row.last_seen_at <= timedelta(seconds=keeping.keep_s) + step
    with house.store.read() as conn:
        for who in conn.execute(select(author)):
            if keeping.profiles_s is not None and who.handle is not None:
                assert now <= who.profile_ends_at + step


def _rows(house: DutyHouse) -> list[Any]:
    with house.store.read() as conn:
        return list(conn.execute(select(mention).order_by(mention.c.sort_at, mention.c.id)))


def _left(house: DutyHouse, mention_id: int) -> list[Any]:
    with house.store.read() as conn:
        return [
            row
            for table in (mention_raw, mention_html)
            for row in conn.execute(select(table).where(table.c.mention_id == mention_id))
        ]
