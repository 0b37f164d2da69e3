"""What a message answers, fetched through the outbox: shown above it, and work for nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from inbox.errors import CannotReply
from inbox.replying.views import ParentState
from store.rollups import check_rollups
from store.schema import conversation, mention, outbox
from tests.replying.house import House

OPENING = "Mijn fiets is <b>gestolen</b> op het station"
BETWEEN = "Heb je aangifte gedaan?"
ABOUT = "Bel @acme maar, die weten het #acme"


async def answered(house: House, *above: str) -> tuple[int, int]:
    """Somebody answers the last of some posts that no list shows; the conversation, and the parent's id there."""
    parent = house.server.ask(above[0], who="jan")
    house.server.unlisted.add(parent)
    for text in above[1:]:
        parent = house.server.ask(text, who="kees", to=parent)
        house.server.unlisted.add(parent)
    house.clock.step(hours=3)
    house.server.ask(ABOUT, to=parent)
    house.clock.step(minutes=1)
    await house.collect()
    with house.store.read() as conn:
        (number,) = conn.execute(select(conversation.c.id)).scalars()
    return int(number), parent


def said(house: House, token: str, number: int) -> list[tuple[str, bool]]:
    """The thread: what is said, and whether it is only context."""
    return [(one.text, "context" in one.flags) for one in house.inbox.detail(token, number).messages]


def asked(house: House) -> list[str]:
    """The states of what was asked of the platform."""
    with house.store.read() as conn:
        return list(conn.execute(select(outbox.c.state).order_by(outbox.c.id)).scalars())


async def test_claiming_brings_what_the_message_answers_and_what_that_answers(house: House) -> None:
    token = house.agent()
    number, _ = await answered(house, OPENING.replace("<b>", "").replace("</b>", ""), BETWEEN)
    assert said(house, token, number) == [(ABOUT, False)]
    view = house.inbox.replies.parent_of(token, number)
    assert view is not None
    assert (view.state, view.may_ask) == (ParentState.MISSING, True)
    house.inbox.claim(token, number)
    coming = house.inbox.replies.parent_of(token, number)
    assert coming is not None
    assert (coming.state, coming.may_ask) == (ParentState.COMING, False)
    assert await house.work() == 1
    assert said(house, token, number) == [
        ("Mijn fiets is gestolen op het station", True),
        (BETWEEN, True),
        (ABOUT, False),
    ]
    assert house.inbox.replies.parent_of(token, number) is None
    assert not house.inbox.detail(token, number).answers_unseen


async def test_what_was_fetched_changes_nothing_of_the_work(house: House) -> None:
    token, other = house.agent(), house.agent()
    number, _ = await answered(house, OPENING)
    house.inbox.replies.fetch_parent(token, number)
    before = house.row(number)
    events = house.actions(number)
    assert await house.work() == 1
    house.route()
    assert house.row(number) == before, "no counter, no clock, no state, not even the version"
    assert house.actions(number) == events
    assert check_rollups(house.store, timezone=house.collector.settings.timezone) == []
    with house.store.read() as conn:
        assert len(list(conn.execute(select(conversation.c.id)))) == 1, "no conversation of its own"
    assert house.inbox.replies.of(token, number) == ()
    assert house.inbox.replies.troubled(token) == ()
    # Who wrote an answer meanwhile sends it to the customer, not to who stands above.
    house.send(other, number, version=before.version)
    with house.store.read() as conn:
        told = conn.execute(select(outbox.c.mention_id).where(outbox.c.kind == "reply")).scalar_one()
        assert conn.execute(select(mention.c.text).where(mention.c.id == told)).scalar_one() == ABOUT


async def test_a_closed_conversation_stays_closed_and_a_later_message_counts_alone(house: House) -> None:
    token = house.agent()
    number, parent = await answered(house, OPENING)
    house.inbox.replies.fetch_parent(token, number)
    house.inbox.ignore(token, number, reason="irrelevant")
    assert await house.work() == 1
    house.route()
    assert house.row(number).status == "ignored"
    house.server.ask("Waarom antwoordt niemand? #acme", to=parent)
    house.clock.step(minutes=2)
    await house.collect()
    row = house.row(number)
    # A forum tells at once that both stand in one topic; an instance only when it is asked.
    assert (row.n_inbound, row.n_outbound) == (2 if house.source.id == "forum" else 1, 0)
    assert said(house, token, number)[0] == ("Mijn fiets is gestolen op het station", True)


async def test_a_parent_of_our_own_stops_no_clock(house: House) -> None:
    token = house.agent()
    parent = house.server.ask("Vandaag is er onderhoud", who="acme" if house.source.id == "social" else "webcare")
    house.server.unlisted.add(parent)
    house.clock.step(hours=1)
    house.server.ask(ABOUT, to=parent)
    house.clock.step(minutes=1)
    await house.collect()
    with house.store.read() as conn:
        number = conn.execute(select(conversation.c.id)).scalars().one()
    house.inbox.claim(token, number)
    waits = house.row(number).unanswered_since
    await house.work()
    house.route()
    detail = house.inbox.detail(token, number)
    assert [(one.direction, "context" in one.flags) for one in detail.messages] == [
        ("outbound", True),
        ("inbound", False),
    ]
    assert house.row(number).unanswered_since == waits
    assert not house.answers(number)


async def test_a_removed_parent_is_told_and_never_asked_again(house: House) -> None:
    token = house.agent()
    number, parent = await answered(house, OPENING)
    del house.server.posts[parent]
    house.inbox.claim(token, number)
    await house.work()
    view = house.inbox.replies.parent_of(token, number)
    assert view is not None
    assert (view.state, view.may_ask) == (ParentState.GONE, False)
    assert "no longer stands there" in (view.trouble or "")
    house.inbox.release(token, number)
    house.inbox.claim(token, number)
    with pytest.raises(CannotReply, match="does not show"):
        house.inbox.replies.fetch_parent(token, number)
    assert asked(house) == ["failed"]
    assert house.inbox.replies.troubled(token) == (), "nobody has to do anything about it"


async def test_asking_twice_asks_once(house: House) -> None:
    token = house.agent()
    number, _ = await answered(house, OPENING)
    house.inbox.claim(token, number)
    house.inbox.replies.fetch_parent(token, number)
    house.inbox.replies.fetch_parent(token, number)
    assert asked(house) == ["queued"]
    await house.work()
    house.inbox.release(token, number)
    house.inbox.claim(token, number)
    house.inbox.replies.fetch_parent(token, number)
    assert asked(house) == ["sent"]


async def test_while_the_platform_is_down_it_is_asked_a_few_times_and_then_when_somebody_wants(house: House) -> None:
    token = house.agent()
    number, _ = await answered(house, OPENING)
    house.inbox.claim(token, number)
    house.server.down = True
    for _ in range(8):
        await house.work()
        house.clock.step(minutes=12)
    view = house.inbox.replies.parent_of(token, number)
    assert view is not None
    assert (view.state, view.may_ask) == (ParentState.FAILED, True)
    assert asked(house) == ["failed"]
    house.inbox.claim(token, number)
    assert asked(house) == ["failed"], "by itself only once"
    house.server.down = False
    house.inbox.replies.fetch_parent(token, number)
    await house.work()
    assert house.inbox.replies.parent_of(token, number) is None


async def test_a_worker_that_dies_while_asking_leaves_a_question_and_no_doubt(house: House) -> None:
    token = house.agent()
    number, _ = await answered(house, OPENING)
    house.inbox.claim(token, number)
    with house.store.write() as conn:
        lost = {"state": "sending", "lease_owner": "x", "lease_until": house.clock(), "attempts": 1}
        conn.execute(outbox.update().values(**lost))
    house.clock.step(seconds=1)
    await house.work()
    await house.work()
    assert asked(house) == ["sent"]
    assert house.inbox.replies.parent_of(token, number) is None


async def test_a_look_whether_it_still_stands_scrubs_what_was_removed(house: House) -> None:
    token, number = house.agent(), await house.question()
    (message,) = house.inbox.detail(token, number).messages
    house.inbox.replies.recheck(token, message.id)
    await house.work()
    looked = house.inbox.replies.checks_of(token, number)[message.id]
    assert (looked.asked, looked.at, looked.trouble) == (False, house.clock(), None)
    assert house.inbox.detail(token, number).messages[0].text == message.text
    house.server.posts.clear()
    house.inbox.replies.recheck(token, message.id)
    await house.work()
    (gone,) = house.inbox.detail(token, number).messages
    assert (gone.deleted_at is not None, gone.text) == (True, "")
