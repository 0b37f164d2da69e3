"""From the press of a button to the platform and back: sent once, recognised, counted once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox.errors import AlreadyAnswered
from inbox.kpis.reading import values
from inbox.kpis.views import Asked
from inbox.permissions import Role
from store.commit.conversations import load
from store.commit.merging import merge
from store.schema import conversation
from tests.replying.house import ANSWER, House
from tests.replying.platforms import Forum

ON_THE_FORUM = pytest.mark.parametrize("server", [Forum], indirect=True)


async def test_an_answer_goes_out_after_ten_seconds_and_stops_the_clock_when_it_stands_there(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.clock.step(minutes=9)
    house.send(token, number, follow_up="waiting_customer")
    house.clock.step(seconds=9)
    assert await house.work() == 0
    assert house.row(number).unanswered_since is not None
    house.clock.step(seconds=1)
    assert await house.work() == 1
    (post,) = house.server.ours()
    view = house.of(token, number)
    (own,) = house.own()
    assert (view.state, view.own_mention_id, view.url) == ("sent", own.id, own.url)
    (answer,) = house.answers(number)
    assert (answer.action, answer.actor_type) == ("reply_sent", "human")
    assert answer.wall_s == answer.business_s == 610  # a minute until it was collected, nine to answer, ten to send
    row = house.row(number)
    assert (row.status, row.unanswered_since, row.reply_state) == ("waiting_customer", None, None)
    assert str(post["id"]) in str(own.external_id)


async def test_our_own_post_collected_back_is_the_same_mention_and_no_second_answer(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.clock.step(seconds=10)
    await house.work()
    for _ in range(3):
        house.clock.step(minutes=5)
        await house.collect()
    assert len(house.own()) == 1
    assert len(house.answers(number)) == 1
    assert house.row(number).n_outbound == 1


@ON_THE_FORUM
async def test_a_later_answer_is_timed_from_the_customers_next_message(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.clock.step(seconds=10)
    await house.work()
    house.clock.step(minutes=30)
    asked = house.clock()
    assert await house.question("En nu? #acme") == number
    house.clock.step(minutes=4)
    house.send(token, number, "Het is opgelost")
    house.clock.step(seconds=10)
    await house.work()
    _, second = house.answers(number)
    assert second.wall_s == (house.clock() - asked).total_seconds()


async def test_figures_count_the_answer_as_given_by_a_person(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.clock.step(minutes=1)
    await house.work()
    until = house.clock() + timedelta(hours=1)
    figures = {one.id: one for one in values(house.desk, Asked(until - timedelta(days=1), until))}
    response = next(one for name, one in figures.items() if "first" in name)
    assert response.n == 1
    assert response.value is not None
    assert number


async def test_the_second_of_two_agents_is_stopped_also_after_the_first_was_sent(house: House) -> None:
    first, second, number = house.agent(), house.agent(), await house.question()
    version = house.row(number).version
    house.send(first, number)
    house.clock.step(seconds=10)
    await house.work()
    with pytest.raises(AlreadyAnswered, match="Agent 1 has answered"):
        house.send(second, number, "Nog een antwoord", version=version)
    assert len(house.server.ours()) == 1


async def test_what_a_colleague_resolved_meanwhile_stays_so_and_the_author_is_told(house: House) -> None:
    token, lead, number = house.agent(), house.agent(Role.LEAD), await house.question()
    house.send(token, number, follow_up="waiting_customer")
    house.inbox.resolve(lead, number)
    house.clock.step(seconds=10)
    await house.work()
    assert house.row(number).status == "resolved"
    (answer,) = house.answers(number)
    assert answer.after["facts"]["follow_up_skipped"] == "changed"
    told = house.inbox.detail(token, number).events
    assert any("changed meanwhile" in one.text for one in told)


@ON_THE_FORUM
async def test_when_the_customer_wrote_meanwhile_nothing_is_closed_over_their_words(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number, follow_up="resolved")
    house.server.ask("Wacht, er is nog iets")
    house.clock.step(seconds=5)
    await house.collector.collect(house.source)  # it came in, and nobody has routed it yet
    house.clock.step(seconds=5)
    await house.work()
    row = house.row(number)
    (answer,) = house.answers(number)
    assert answer.after["facts"]["follow_up_skipped"] == "customer_wrote"
    assert row.status == "open"
    house.route()
    assert house.row(number).status == "open"


async def test_two_answers_of_one_author_go_out_in_their_order(house: House) -> None:
    token, number = house.agent(), await house.question()
    version = house.row(number).version
    house.send(token, number, "Deel een van dit antwoord", version=version)
    house.send(token, number, "Deel twee van dit antwoord", version=version)
    house.server.fates = ["limited"]
    await house.until_quiet()
    said = [str(post.get("raw") or post["content"]) for post in house.server.ours()]
    assert ["een" in said[0], "twee" in said[1], len(said)] == [True, True, 2]
    assert len(house.answers(number)) == 2


@pytest.mark.parametrize(
    ("fate", "meanwhile"),
    [
        ("unreachable", "queued"),
        ("limited", "queued"),
        ("lost", "unknown"),
        ("refused", "unknown"),
        ("unheard", "unknown"),
        ("garbled", "unknown"),
        ("failing", "unknown"),
        ("late", "unknown"),
    ],
)
async def test_whatever_happens_to_the_call_it_stands_there_once_and_counts_once(
    house: House, fate: str, meanwhile: str
) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number, follow_up="resolved")
    house.server.fates = [fate]
    house.clock.step(seconds=10)
    await house.work()
    view = house.of(token, number)
    assert (view.state, house.row(number).reply_state) == (meanwhile, meanwhile)
    assert view.trouble
    await house.until_quiet()
    assert len(house.server.ours()) == 1
    assert house.of(token, number).state == "sent"
    assert len(house.answers(number)) == 1
    assert house.row(number).status == "resolved"
    await house.collect()
    assert (len(house.own()), len(house.answers(number))) == (1, 1)


async def test_while_the_platform_is_down_nothing_is_lost_and_words_say_so(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.server.down = True
    house.clock.step(seconds=10)
    for _ in range(20):
        await house.work()
        house.clock.step(minutes=3)
    view = house.of(token, number)
    assert view.state == "queued"
    assert "no connection could be made" in (view.trouble or "")
    house.server.down = False
    await house.until_quiet()
    assert len(house.server.ours()) == 1
    assert house.of(token, number).state == "sent"


async def test_a_platform_that_goes_down_while_it_takes_the_answer_is_asked_when_it_is_back(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.server.fates = ["unheard"]
    house.clock.step(seconds=10)
    await house.work()
    house.server.down = True
    for _ in range(30):
        house.clock.step(minutes=2)
        await house.work()
    assert house.of(token, number).state == "unknown"
    assert house.row(number).reply_state == "unknown"
    house.server.down = False
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len(house.server.ours()) == 1


async def test_our_post_that_collecting_brings_settles_what_was_unknown(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number, ANSWER + " #acme")
    house.server.fates = ["unheard"]
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "unknown"
    await house.collect()
    assert house.of(token, number).state == "sent"
    (answer,) = house.answers(number)
    assert answer.action == "reply_sent"


async def test_a_write_path_that_stays_broken_ends_as_failed_with_its_reason(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.server.fates = ["refused"] * 50
    await house.until_quiet()
    view = house.of(token, number)
    assert (view.state, view.may_retry, house.row(number).reply_state) == ("failed", True, "failed")
    assert "502" in (view.trouble or "")
    house.server.fates = []
    house.inbox.replies.retry(token, view.id)
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len(house.server.ours()) == 1


async def test_a_revoked_login_fails_at_once_in_plain_words(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.source = house.source.model_copy(update={"options": _with_key(house, "ingetrokken")})
    house.restart()
    house.clock.step(seconds=10)
    await house.work()
    view = house.of(token, number)
    assert view.state == "failed"
    assert re.search("make a new|klankbord connect mastodon", view.trouble or "")
    assert "ingetrokken" not in (view.trouble or "")
    (mine,) = house.inbox.replies.troubled(token)
    assert mine.id == view.id


def _with_key(house: House, key: str) -> dict[str, object]:
    options = dict(house.source.options)
    if isinstance(house.server, Forum):
        return {**options, "api_key": key}
    (one,) = options["instances"]
    return {**options, "instances": [{**one, "token": key}]}


@ON_THE_FORUM
async def test_what_a_moderator_must_release_is_held_and_counts_when_it_appears(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number, follow_up="resolved")
    house.server.moderated = True
    house.clock.step(seconds=10)
    await house.work()
    assert (house.of(token, number).state, house.row(number).reply_state) == ("held", "held")
    assert not house.answers(number)
    house.server.moderated = False
    house.clock.step(minutes=30)
    house.server.write("/posts.json", {"api-key": "sleutel"}, {"raw": ANSWER, "reply_to_post_number": 1})
    await house.collect()
    assert house.of(token, number).state == "sent"
    assert (len(house.answers(number)), house.row(number).status) == (1, "resolved")


@ON_THE_FORUM
async def test_somebody_who_answers_on_the_platform_itself_is_not_taken_for_the_outbox(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.server.fates = ["lost"]
    house.clock.step(seconds=10)
    await house.work()
    house.server.write("/posts.json", {"api-key": "sleutel"}, {"raw": "Bel ons even", "reply_to_post_number": 1})
    await house.collect()
    assert house.of(token, number).state == "unknown"
    await house.until_quiet()
    assert sorted(one.action for one in house.answers(number)) == ["answered", "reply_sent"]
    assert len(house.server.ours()) == 2


async def test_a_slow_platform_does_not_hold_up_another(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.clock.step(seconds=10)
    started = await house.deliverer.tick()
    assert started == 1
    assert await house.deliverer.tick() == 0  # its source is busy; the tick itself returned at once
    await house.deliverer.settled()
    assert house.of(token, number).state == "sent"


async def test_a_like_goes_out_without_being_an_answer(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.inbox.replies.like(token, house.row(number).first_mention_id)
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "sent"
    assert not house.answers(number)
    assert "like_sent" in house.actions(number)


async def test_an_answer_moves_along_when_two_conversations_turn_out_to_be_one(house: House) -> None:
    token, number = house.agent(), await house.question()
    done = house.send(token, number)
    with house.store.write() as conn:
        other = house.store.new_id()
        row = dict(conn.execute(select(conversation).where(conversation.c.id == number)).mappings().one())
        conn.execute(conversation.insert().values(**{**row, "id": other, "key": "other", "reply_state": None}))
        stored = load(conn, house.store, [number, other])
        merge(conn, house.store, stored[other], [stored[number]], now=house.clock())
    house.route()
    assert house.row(other).reply_state == "queued"
    house.clock.step(seconds=10)
    await house.work()
    (view,) = house.inbox.replies.of(token, other)
    assert (view.id, view.state) == (done.params["outbox_id"], "sent")
    assert house.row(other).reply_state is None
