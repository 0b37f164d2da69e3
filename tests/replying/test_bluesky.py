"""Answers on Bluesky through the outbox: a record of our own key, so that sent twice is one post."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from store.engine import Store
from store.schema import mention
from tests.conftest import Clock
from tests.connectors.bluesky_network import GATE, Network
from tests.connectors.bluesky_posts import JO, US
from tests.connectors.lexicons import record_misses
from tests.replying.house import ANSWER, House

OURS = f"at://{US}/"


@pytest.fixture
def network(clock: Clock) -> Network:
    return Network(clock)


@pytest.fixture
def house(store: Store, clock: Clock, network: Network) -> Iterator[House]:
    made = House(store, clock, network)
    yield made
    made.close()


async def test_an_answer_stands_below_its_question_comes_back_and_counts_once(house: House, network: Network) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number, text=f"@jo.example {ANSWER}: https://acme.example/storing #storing 👩‍👩‍👧")
    house.clock.step(seconds=10)
    await house.work()
    (post,) = network.ours()
    assert not record_misses(post["record"])
    question = next(iter(network.records))
    assert post["record"]["reply"]["root"]["uri"] == post["record"]["reply"]["parent"]["uri"] == question
    features = [facet["features"][0] for facet in post["record"]["facets"]]
    assert features[0]["did"] == JO
    assert "com.atproto.identity.resolveHandle" not in {name for _, name in network.asked}
    for _ in range(2):
        house.clock.step(minutes=1)
        await house.collect()
    (own,) = house.own()
    view = house.of(token, number)
    assert (view.state, own.external_id, own.url) == ("sent", post["uri"], view.url)
    assert len(house.answers(number)) == 1


@pytest.mark.parametrize("fate", ["unheard", "lost", "late", "garbled", "failing"])
async def test_whatever_becomes_of_the_first_try_there_is_one_post(house: House, network: Network, fate: str) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    network.fates = [fate]
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "unknown"
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len(network.ours()) == 1
    assert [one.action for one in house.answers(number)] == ["reply_sent"]


async def test_what_got_through_unheard_is_found_by_its_key_and_not_written_again(
    house: House, network: Network
) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    network.fates = ["unheard"]
    house.clock.step(seconds=10)
    await house.work()
    written = [name for _, name in network.asked].count("com.atproto.repo.putRecord")
    house.clock.step(seconds=5)
    await house.work()
    assert house.of(token, number).state == "sent"
    assert [name for _, name in network.asked].count("com.atproto.repo.putRecord") == written == 1


async def test_a_session_that_ran_out_is_renewed_and_the_answer_goes_out(house: House, network: Network) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.clock.step(hours=3)
    await house.work()
    assert house.of(token, number).state == "sent"
    assert network.made == 2


async def test_names_of_others_are_looked_up_and_a_name_of_nobody_stays_text(house: House, network: Network) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number, text="Zie @acme.example en @nobody.example")
    house.clock.step(seconds=10)
    await house.work()
    (post,) = network.ours()
    assert [facet["features"][0]["did"] for facet in post["record"]["facets"]] == [US]


async def test_an_answer_below_our_own_post_is_hidden_and_what_the_gate_said_stays(
    house: House, network: Network
) -> None:
    ours = network.post("Vandaag is er onderhoud", US)
    rude = network.post("acme is stom", to=ours)
    rule = {"$type": f"{GATE}#followingRule"}
    key = ours.rsplit("/", 1)[1]
    gate = f"{OURS}{GATE}/{key}"
    network.records[gate] = {"$type": GATE, "post": ours, "createdAt": "2026-03-10T09:00:00Z", "allow": [rule]}
    house.clock.step(minutes=1)
    await house.collect()
    with house.store.read() as conn:
        found = conn.execute(select(mention).where(mention.c.external_id == rude)).one()
    assert found.capabilities["can_hide"]
    house.inbox.replies.hide(house.agent(), found.id)
    house.hurry()
    await house.work()
    assert network.records[gate]["hiddenReplies"] == [rude]
    assert network.records[gate]["allow"] == [rule]
    assert not record_misses(network.records[gate])
