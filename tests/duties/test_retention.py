"""Nothing outlives its duty: measured with a clock that goes on hour by hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from inbox.permissions import Role
from inbox.writing.views import Mode
from store import retention
from store.ingest import commit_page
from store.keeping import Keeping
from store.records import PageCommit, QuarantineRecord, UnmatchedRecord
from store.rollups import check_rollups
from store.schema import (
    author,
    conversation,
    draft,
    mention,
    mention_edit,
    mention_html,
    mention_key,
    mention_raw,
    note,
    outbox,
    quarantine,
    tombstone,
    unmatched,
)
from tests.conftest import Clock
from tests.duties.conftest import DutyHouse
from tests.replying.platforms import Instance, Server

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server(clock: Clock) -> Server:
    """Times are no matter of one platform."""
    return Instance(clock)


def _rows(house: DutyHouse, table: Any) -> list[Any]:
    with house.store.read() as conn:
        return list(conn.execute(select(table)))


async def test_what_is_not_seen_again_in_time_is_erased_and_may_come_back(
    house: DutyHouse, server: Server, clock: Clock
) -> None:
    house.ask_for(Keeping(keep_s=int((30 * DAY).total_seconds())))
    number = await house.question()
    first = clock()
    server.down = True
    while clock() < first + 30 * DAY:
        assert retention.enforce(house.store, now=clock()) == 0
        clock.step(hours=6)
    assert retention.enforce(house.store, now=clock()) == 1
    (one,) = _rows(house, mention)
    assert (one.text, one.author_id, one.flags) == ("", None, ["unrefreshed"])
    assert one.erase_at is None
    assert [_rows(house, table) for table in (author, mention_raw, mention_html, mention_edit, tombstone)] == [[]] * 5
    assert house.row(number).snippet == ""
    assert "mention_expired" in house.actions(number)
    server.down = False
    clock.step(hours=2)
    await house.recheck()
    assert retention.enforce(house.store, now=clock()) == 0
    await house.collector.collect(house.source)
    assert len(_rows(house, mention)) == 1


async def test_what_stands_upstream_is_refreshed_before_it_would_be_erased(house: DutyHouse, clock: Clock) -> None:
    house.ask_for(Keeping(keep_s=int((2 * DAY).total_seconds()), profiles_s=int(DAY.total_seconds())))
    await house.question()
    for _ in range(24 * 7):
        clock.step(hours=1)
        await house.recheck()
        assert retention.enforce(house.store, now=clock()) == 0
        (one,) = _rows(house, mention)
        (who,) = _rows(house, author)
        assert clock() - one.last_seen_at <= 2 * DAY
        assert who.handle is not None
        assert who.profile_ends_at > clock()


async def test_a_profile_goes_in_time_while_the_words_stay_and_comes_back_with_the_next_sight(
    house: DutyHouse, server: Server, clock: Clock
) -> None:
    house.ask_for(Keeping(keep_s=int((5 * DAY).total_seconds()), profiles_s=int(DAY.total_seconds())))
    number = await house.question()
    version = house.row(number).version
    server.down = True
    clock.step(DAY - timedelta(seconds=1))
    retention.enforce(house.store, now=clock())
    assert house.row(number).author_name != ""
    clock.step(seconds=1)
    retention.enforce(house.store, now=clock())
    (who,) = _rows(house, author)
    assert (who.handle, who.name, who.url, who.followers) == (None, None, None, None)
    assert house.row(number).author_name == ""
    assert house.row(number).version == version, "an agent who is writing goes on"
    assert _rows(house, mention)[0].text != ""
    server.down = False
    clock.step(DAY)
    await house.recheck()
    assert house.row(number).author_name != ""


async def test_what_is_older_than_the_owner_wants_goes_for_good_with_the_work_on_it(
    house: DutyHouse, clock: Clock
) -> None:
    house.ask_for(Keeping(retention_s=int((400 * DAY).total_seconds())))
    number = await house.question("Mijn naam is Piet, acme #acme")
    token = house.agent(Role.LEAD)
    house.inbox.add_note(token, number, "Piet belde gisteren")
    house.inbox.claim(token, number)
    house.inbox.writing.save_draft(
        token, number, mode=Mode.REPLY, text="Beste Piet", rev=1, version=house.row(number).version
    )
    house.send(token, number, "Dag Piet, we kijken ernaar")
    said = house.row(number).sort_at
    clock.now = said + 400 * DAY - timedelta(seconds=1)
    assert retention.enforce(house.store, now=clock()) == 0
    clock.step(seconds=1)
    assert retention.enforce(house.store, now=clock()) == 1
    (one,) = _rows(house, mention)
    assert (one.text, one.external_id) == ("", f"erased-{one.id}")
    for table in (mention_key, author, mention_raw, mention_html, draft):
        assert _rows(house, table) == []
    assert [row.text for row in _rows(house, note)] == [""]
    assert [(row.text, row.state) for row in _rows(house, outbox)] == [(None, "cancelled")]
    assert house.row(number).n_notes == 0
    assert "Piet" not in repr(_rows(house, conversation))
    assert check_rollups(house.store, timezone="Europe/Amsterdam") == []
    clock.step(minutes=1)
    before = len(_rows(house, mention))
    await house.collector.collect(house.source)
    assert len(_rows(house, mention)) == before, "it does not come back"


async def test_unmatched_and_unreadable_items_go_in_the_same_time(house: DutyHouse, clock: Clock) -> None:
    house.ask_for(Keeping(keep_s=int((2 * DAY).total_seconds())))

    stray = UnmatchedRecord("5", "mastodon", "iets anders")
    broken = QuarantineRecord("bad", b"payload", b"hash")
    page = PageCommit(house.source.id, "q", clock(), unmatched=(stray,), quarantined=(broken,))
    commit_page(house.store, page)
    clock.step(2 * DAY - timedelta(seconds=1))
    retention.enforce(house.store, now=clock())
    assert (len(_rows(house, unmatched)), len(_rows(house, quarantine))) == (1, 1)
    clock.step(seconds=1)
    retention.enforce(house.store, now=clock())
    assert (_rows(house, unmatched), _rows(house, quarantine)) == ([], [])


async def test_a_removed_author_with_a_person_is_forgotten_within_the_platforms_time(
    house: DutyHouse, server: Server, clock: Clock
) -> None:
    house.ask_for(Keeping(recheck_s=int(DAY.total_seconds()), erase_s=int(DAY.total_seconds())))
    await house.question()
    (who,) = _rows(house, author)
    house.inbox.persons.describe(house.agent(Role.LEAD), who.id, note="belt graag")
    server.posts.clear()
    clock.step(DAY)
    await house.recheck()
    assert _rows(house, author)[0].handle is not None
    clock.step(DAY)
    retention.enforce(house.store, now=clock())
    (who,) = _rows(house, author)
    assert (who.handle, who.name, who.url) == (None, None, None)


async def test_many_go_in_small_transactions(house: DutyHouse, server: Server, clock: Clock) -> None:
    house.ask_for(Keeping(retention_s=3600))
    for number in range(120):
        server.ask(f"vraag {number} #acme", who=f"klant{number}")
    clock.step(minutes=1)
    for _ in range(6):
        await house.collector.collect(house.source)
    kept = len(_rows(house, mention))
    clock.step(hours=2)
    assert retention.enforce(house.store, now=clock()) == kept
    assert {row.text for row in _rows(house, mention)} == {""}
    assert _rows(house, author) == []
