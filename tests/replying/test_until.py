"""Some platforms take an answer only for so long: until then it goes out, afterwards it says why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.errors import CannotReply
from inbox.replying.until import as_of, until_of
from store.engine import open_store
from tests.conftest import Clock, SqliteDatabases
from tests.replying.premises import Premises, premises
from tests.replying.writable import WRITABLE

DAWN = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
INSTANTS = st.datetimes(timezones=st.just(UTC))


@pytest.fixture(params=["messenger", "instagram message"])
def house(sqlite_databases: SqliteDatabases, request: pytest.FixtureRequest) -> Iterator[Premises]:
    url, clock = sqlite_databases.migrated(), Clock(DAWN)
    store = open_store(url, clock=clock)
    with premises(store, clock, WRITABLE[request.param]) as made:
        yield made
    store.close()
    sqlite_databases.drop(url)


async def test_a_message_is_answered_for_a_day_and_then_by_hand(house: Premises) -> None:
    token, number, _ = await house.asked()
    reply = house.inbox.detail(token, number).reply
    assert (reply.can_reply, reply.why_not, reply.until) == (True, None, DAWN + timedelta(hours=24))
    house.clock.now = DAWN + timedelta(hours=24)
    token = house.agent()
    reply = house.inbox.detail(token, number).reply
    assert (reply.can_reply, reply.until) == (False, None)
    assert "24 hours have passed" in (reply.why_not or "")
    with pytest.raises(CannotReply, match="24 hours have passed") as refused:
        house.send(token, number)
    assert refused.value.params["deep_link"]
    assert house.standing() == []


async def test_a_new_message_of_the_customer_opens_the_conversation_again(house: Premises) -> None:
    _, number, _ = await house.asked()
    house.clock.step(hours=30)
    token = house.agent()
    house.platform.asks(house.there)
    house.clock.step(minutes=6)
    await house.collect()
    assert house.inbox.detail(token, number).reply.until == house.clock() - timedelta(minutes=6) + timedelta(hours=24)
    house.send(token, number)
    house.hurry()
    await house.work()
    assert len(house.standing()) == 1


@given(now=INSTANTS, until=INSTANTS)
def test_before_the_instant_it_can_be_answered_and_from_it_on_not(now: datetime, until: datetime) -> None:
    kept = {"can_reply": True, "why_not_reply": "too late", "reply_until": until.isoformat(), "can_like": True}
    may = as_of(kept, now)
    assert until_of(may) == until
    assert may["can_like"]
    assert may["can_reply"] == (now < until)
    assert ("why_not_reply" in may) == (not may["can_reply"])


@given(now=INSTANTS, until=st.none() | INSTANTS)
def test_what_cannot_be_answered_stays_so_with_its_reason(now: datetime, until: datetime | None) -> None:
    kept = {"why_not_reply": "closed"} | ({} if until is None else {"reply_until": until.isoformat()})
    assert as_of(kept, now) == kept
    assert as_of(None, now) == {}
