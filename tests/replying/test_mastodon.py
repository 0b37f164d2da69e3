"""Against a stateful server of the Mastodon API, over real HTTP: out, there, back, and counted once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from store.engine import Store, utc_now
from tests.connectors.driver import CLIENT
from tests.replying.house import ANSWER, House, RealTime
from tests.replying.platforms import Instance

pytestmark = pytest.mark.slow  # the server takes ten seconds of processor time to start
mock = pytest.importorskip("mastodon_mock.testing", reason="mastodon-mock is not installed")


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    with mock.MockServer() as server:
        yield server


@pytest.fixture
def house(running: Any, store: Store) -> Iterator[House]:
    """A house around the server as it was seeded: alice is our account, bob writes to us."""
    CLIENT.post(f"{running.base_url}/api/v1/_mock/reset").raise_for_status()
    made = House(store, RealTime(utc_now()), Instance(utc_now), url=running.base_url, kind="mock")
    yield made
    made.close()


def post(running: Any, who: str, text: str, **more: Any) -> dict[str, Any]:
    answer = CLIENT.post(
        f"{running.base_url}/api/v1/statuses",
        json={"status": text, **more},
        headers={"Authorization": f"Bearer {who}_token"},
    )
    answer.raise_for_status()
    read: dict[str, Any] = answer.json()
    return read


def answers_to(running: Any, status: dict[str, Any]) -> list[dict[str, Any]]:
    found = CLIENT.get(
        f"{running.base_url}/api/v1/statuses/{status['id']}/context", headers={"Authorization": "Bearer alice_token"}
    )
    descendants: list[dict[str, Any]] = found.json()["descendants"]
    return descendants


async def asked(house: House, running: Any, text: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Bob writes to us and it comes in; the conversation's id and his post."""
    question = post(running, "bob", text, **more)
    await house.collect()
    with house.store.read() as conn:
        from sqlalchemy import select

        from store.schema import mention

        wanted = mention.c.external_id == question["uri"]
        return int(conn.execute(select(mention.c.conversation_id).where(wanted)).scalar_one()), question


async def test_an_answer_goes_out_stands_there_comes_back_and_counts_once(house: House, running: Any) -> None:
    number, question = await asked(house, running, "@alice de app doet het niet #acme")
    token = house.agent()
    house.send(token, number, follow_up="waiting_customer")
    house.hurry()
    assert await house.work() == 1
    (there,) = answers_to(running, question)
    assert "bob" in there["content"]
    assert ANSWER in there["content"]
    for _ in range(2):
        await house.collect()
    (own,) = house.own()
    view = house.of(token, number)
    assert (view.state, view.own_mention_id, own.external_id) == ("sent", own.id, there["uri"])
    (answer,) = house.answers(number)
    assert answer.wall_s is not None
    row = house.row(number)
    assert (row.status, row.n_outbound, row.unanswered_since) == ("waiting_customer", 1, None)


async def test_a_direct_message_is_answered_directly(house: House, running: Any) -> None:
    number, question = await asked(house, running, "@alice mijn klantnummer is 123", visibility="direct")
    token = house.agent()
    house.send(token, number)
    house.hurry()
    await house.work()
    (there,) = answers_to(running, question)
    assert there["visibility"] == "direct"


async def test_a_narrower_answer_is_possible_and_a_wider_one_is_not(house: House, running: Any) -> None:
    number, question = await asked(house, running, "@alice vraag #acme")
    token = house.agent()
    house.send(token, number, visibility="private")
    house.hurry()
    await house.work()
    (there,) = answers_to(running, question)
    assert there["visibility"] == "direct"
    assert house.row(number).reply_state is None


async def test_a_repeat_after_a_lost_answer_makes_no_second_post(house: House, running: Any) -> None:
    number, question = await asked(house, running, "@alice nog iets #acme")
    token = house.agent()
    outbox_id = house.send(token, number).params["outbox_id"]
    house.hurry()
    recorded: list[Any] = []

    class Deaf:
        def record(self, *given: Any) -> None:
            recorded.append(given)

        def lapsed(self, outbox_ids: Any) -> None:
            house.settling.lapsed(outbox_ids)

    house.restart(settle=Deaf())
    await house.work()  # it stands there, and the worker died before it could say so
    assert len(recorded) == 1
    with house.store.write() as conn:
        from store.schema import outbox

        conn.execute(outbox.update().where(outbox.c.id == outbox_id).values(lease_until=utc_now()))
    house.restart()
    await house.work()
    for _ in range(2):
        house.hurry()
        await house.work()
    assert house.of(token, number).state == "sent"
    assert len(answers_to(running, question)) == 1
    assert [one.action for one in house.answers(number)] == ["reply_sent"]
