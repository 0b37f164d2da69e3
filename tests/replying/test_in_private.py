"""What a customer says in private is answered in private, whatever anybody asks for: never said aloud."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.contract import Action, ActionKind
from connectors.items import Visibility
from connectors.requests import HttpRequest
from inbox.errors import BadInput
from pipeline.identity import item_namespace
from store.engine import open_store
from tests.conftest import Clock, SqliteDatabases
from tests.connectors.driver import perform
from tests.replying.house import ANSWER
from tests.replying.premises import Premises, premises
from tests.replying.writable import WRITABLE

DAWN = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
PRIVATE = [name for name, row in WRITABLE.items() if row.private]


@pytest.fixture(params=PRIVATE)
def house(sqlite_databases: SqliteDatabases, request: pytest.FixtureRequest) -> Iterator[Premises]:
    url, clock = sqlite_databases.migrated(), Clock(DAWN)
    store = open_store(url, clock=clock)
    with premises(store, clock, WRITABLE[request.param]) as made:
        yield made
    store.close()
    sqlite_databases.drop(url)


async def test_a_private_message_comes_in_private_and_its_answer_is_seen_by_nobody_else(house: Premises) -> None:
    token, number, key = await house.asked()
    kept = house.kept(key)
    assert (kept.visibility, kept.direction, kept.capabilities["can_reply"]) == ("private", "inbound", True)
    assert house.row(number).visibility == "private"
    for wider in ("public", "unlisted"):
        with pytest.raises(BadInput, match="never more public"):
            house.send(token, number, visibility=wider)
    done = house.send(token, number)
    house.hurry()
    await house.work()
    assert house.outbox_of(done).state == "sent"
    assert len(house.standing()) == 1
    assert house.platform.aloud(house.there) == []
    (own,) = house.own_answers()
    assert (own.visibility, own.conversation_id) == ("private", number)
    house.clock.step(minutes=6)
    await house.collect()
    assert [(each.id, each.visibility) for each in house.own_answers()] == [(own.id, "private")]


async def test_the_connector_answers_a_private_message_in_private_even_if_it_is_told_otherwise(house: Premises) -> None:
    _, _, key = await house.asked()
    kept = house.kept(key)
    connector = house.collector.connector(house.source)
    for number, visibility in enumerate(Visibility):
        action = Action(
            ActionKind.REPLY,
            kept.external_id,
            f"wish {number}",
            namespace=item_namespace(kept.platform, kept.namespace),
            thread_external_id=kept.thread_external_id,
            text=f"{ANSWER} {number}",
            visibility=visibility,
            extra=kept.extra,
            at=house.clock(),
        )
        request = connector.act(action)
        assert isinstance(request, HttpRequest)
        result = connector.acted(action, perform(request, house.clock()))
        assert [item.visibility for item in result.items] == [Visibility.PRIVATE]
        assert len(house.standing()) == number + 1
        assert house.platform.aloud(house.there) == []
