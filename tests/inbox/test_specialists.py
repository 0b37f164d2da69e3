"""Specialists without a seat: one link, one conversation, one answer."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox import people
from inbox.errors import BadInput, ClaimedByOther, NotAllowed, NotFound, TooManyAttempts
from inbox.permissions import Role
from inbox.specialists.standing import may_answer, standing_of
from inbox.specialists.views import Asked, Standing
from inbox.views import View
from store.commit.conversations import Stored
from store.commit.merging import merge
from store.schema import conversation, mention, outgoing_mail, specialist_link
from tests.inbox.accessing import secured
from tests.inbox.conftest import World

FROM = "198.51.100.4"


@pytest.fixture
def world(world: World) -> World:
    return secured(world, can_mail=True)


def ask(world: World, token: str, number: int, **more: Any) -> Asked:
    given_ = {"name": "Bea Bakker", "email": "Bea@Factory.Example", "question": "Is dit deeg glutenvrij?", **more}
    return world.inbox.specialists.ask(token, number, **given_)


def mails(world: World) -> list[Any]:
    with world.store.read() as conn:
        return list(conn.execute(select(outgoing_mail).order_by(outgoing_mail.c.id)))


def test_from_a_question_to_a_note_and_back_to_the_same_agent(world: World) -> None:
    agent = world.person(name="Daan")
    token, number = world.token(agent), world.conversation("Is dit glutenvrij?")
    asked = ask(world, token, number)
    row = world.row(number)
    assert (row.status, row.assignee_id, row.claimed_by) == ("waiting_internal", agent.id, None)
    mail = mails(world)[0]
    link = world.inbox.specialists.link(asked)
    assert (mail.to_address, mail.kind) == ("Bea@factory.example", "question")
    assert link.startswith("https://inbox.acme.example/ask/")
    assert link in mail.text
    assert mail.not_before == world.clock() + timedelta(seconds=15), "not before the step can be taken back"
    page = world.inbox.specialists.page(asked.token, from_address=FROM)
    assert (page.question, page.asked_by) == ("Is dit deeg glutenvrij?", "Daan")
    assert [said.text for said in page.said] == ["Is dit glutenvrij?"]
    world.inbox.specialists.answer(asked.token, "Ja, al het deeg.", from_address=FROM)
    row = world.row(number)
    assert (row.status, row.assignee_id, row.n_notes) == ("open", agent.id, 1)
    detail = world.inbox.detail(token, number)
    assert [(note.author.name, note.text) for note in detail.notes] == [("Bea Bakker (specialist)", "Ja, al het deeg.")]
    told = [event.text for event in detail.events]
    assert told[-3:] == [
        "Daan asked Bea Bakker something.",
        "Bea Bakker opened the question.",
        "Bea Bakker answered the question.",
    ]
    assert [event.actor_type for event in detail.events[-2:]] == ["specialist", "specialist"]
    assert any(card.id == number for card in world.inbox.listing(token, View.MINE).cards)


def test_the_page_shows_one_conversation_and_nothing_about_the_customer(world: World) -> None:
    agent = world.token(world.person())
    number, other = world.conversation("Mijn brood"), world.conversation("Een ander geheim")
    world.inbox.add_note(agent, number, "klant is boos en woont in Utrecht")
    world.inbox.add_tag(agent, number, "vip")
    page = world.inbox.specialists.page(ask(world, agent, number).token, from_address=FROM)
    shown = repr(page)
    for hidden in ("Utrecht", "vip", "ander geheim", str(other)):
        assert hidden not in shown


def test_what_was_said_in_private_does_not_stand_behind_a_link(world: World) -> None:
    agent = world.token(world.person())
    whole, part = world.conversation("Mijn geheim"), world.conversation("Openbare vraag")
    hidden = world.message(part, "En nog een geheim")
    with world.store.write() as conn:
        conn.execute(conversation.update().where(conversation.c.id == whole).values(visibility="private"))
        conn.execute(mention.update().where(mention.c.id == hidden).values(visibility="private"))
    page = world.inbox.specialists.page(ask(world, agent, whole).token, from_address=FROM)
    assert (page.said, page.withheld, page.question) == ((), True, "Is dit deeg glutenvrij?")
    page = world.inbox.specialists.page(ask(world, agent, part).token, from_address=FROM)
    assert ([said.text for said in page.said], page.withheld) == (["Openbare vraag"], True)


def test_of_ten_answers_at_once_one_is_taken(world: World) -> None:
    token, number = world.token(world.person()), world.conversation()
    asked = ask(world, token, number)
    came: list[str] = []

    def answer(text: str) -> None:
        try:
            world.inbox.specialists.answer(asked.token, text, from_address=FROM)
        except NotFound:
            return
        came.append(text)

    threads = [threading.Thread(target=answer, args=(f"antwoord {n}",)) for n in range(10)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(came) == 1
    assert [note.text for note in world.inbox.detail(token, number).notes] == came


def test_a_link_takes_one_answer(world: World) -> None:
    token, number = world.token(world.person()), world.conversation()
    asked = ask(world, token, number)
    world.inbox.specialists.answer(asked.token, "Ja", from_address=FROM)
    with pytest.raises(NotFound):
        world.inbox.specialists.answer(asked.token, "Nee", from_address=FROM)
    page = world.inbox.specialists.page(asked.token, from_address=FROM)
    assert (page.standing, page.said, page.question) == (Standing.ANSWERED, (), "")
    assert world.row(number).n_notes == 1


def test_a_link_ends_after_seven_days(world: World) -> None:
    asked = ask(world, world.token(world.person()), world.conversation())
    world.clock.step(timedelta(days=7))
    assert world.inbox.specialists.page(asked.token, from_address=FROM).standing is Standing.EXPIRED
    with pytest.raises(NotFound):
        world.inbox.specialists.answer(asked.token, "Ja", from_address=FROM)


def test_a_question_taken_back_takes_no_answer_and_its_mail_does_not_go(world: World) -> None:
    token, number = world.token(world.person()), world.conversation()
    asked = ask(world, token, number)
    question = world.inbox.specialists.questions(token, number)[0]
    world.inbox.specialists.take_back(token, question.id)
    assert mails(world) == []
    assert world.inbox.specialists.page(asked.token, from_address=FROM).standing is Standing.REVOKED
    assert world.inbox.specialists.questions(token, number)[0].standing is Standing.REVOKED
    with pytest.raises(NotFound):
        world.inbox.specialists.answer(asked.token, "Ja", from_address=FROM)
    with pytest.raises(NotFound):
        world.inbox.specialists.take_back(token, question.id)


def test_undoing_the_question_puts_everything_back(world: World) -> None:
    token, number = world.token(world.person()), world.conversation()
    before = world.row(number)
    asked = ask(world, token, number)
    assert asked.done.event_id is not None
    world.inbox.undo(token, asked.done.event_id)
    after = world.row(number)
    assert (after.status, after.assignee_id) == (before.status, before.assignee_id)
    assert mails(world) == []
    assert world.inbox.specialists.page(asked.token, from_address=FROM).standing is Standing.REVOKED


@pytest.mark.parametrize("status", ["waiting_customer", "snoozed", "waiting_internal"])
def test_what_waits_already_stays_where_it_is(world: World, status: str) -> None:
    token, number = world.token(world.person()), world.conversation()
    world.inbox.claim(token, number)
    if status == "snoozed":
        world.inbox.snooze(token, number, until=world.clock() + timedelta(days=1))
    elif status == "waiting_customer":
        world.inbox.wait_for_customer(token, number)
    else:
        world.inbox.wait_internally(token, number)
    asked = ask(world, token, number)
    assert world.row(number).status == status
    world.inbox.specialists.answer(asked.token, "Ja", from_address=FROM)
    assert world.row(number).status == ("open" if status == "waiting_internal" else status)


def test_who_asked_hears_of_the_answer_by_mail(world: World) -> None:
    made = people.add(world.desk, login="daan@shop.example", name="Daan", role=Role.AGENT)
    from inbox import sessions

    token = sessions.start_for(world.desk, made.user.id).token
    asked = ask(world, token, world.conversation())
    world.inbox.specialists.answer(asked.token, "Ja, <b>altijd</b>.", from_address=FROM)
    mail = mails(world)[-1]
    assert (mail.to_address, mail.kind) == ("daan@shop.example", "answered")
    assert "> Ja, <b>altijd</b>." in mail.text
    assert "&lt;b&gt;altijd&lt;/b&gt;" in mail.html


def test_without_mail_the_agent_gets_the_link_to_pass_on(world: World) -> None:
    plain = secured(world, can_mail=False)
    asked = ask(plain, plain.token(plain.person()), plain.conversation())
    assert not asked.mailed
    assert mails(plain) == []
    assert plain.inbox.specialists.page(asked.token, from_address=FROM).standing is Standing.OPENED


def test_only_agents_ask_and_nobody_asks_over_a_claim_of_somebody_else(world: World) -> None:
    number = world.conversation()
    for role in (Role.READ_ONLY, Role.ANALYST, Role.SPECIALIST):
        with pytest.raises(NotAllowed):
            ask(world, world.token(world.person(role)), number)
    world.inbox.claim(world.token(world.person()), number)
    with pytest.raises(ClaimedByOther):
        ask(world, world.token(world.person()), number)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"email": "bea"},
        {"email": "bea@factory.example\r\nBcc: x@y.example"},
        {"email": "a@b@c.example"},
        {"question": "\x00"},
        {"question": "x" * 20_001},
    ],
)
def test_a_question_that_cannot_go_is_refused(world: World, wrong: dict[str, str]) -> None:
    token, number = world.token(world.person()), world.conversation()
    with pytest.raises(BadInput):
        ask(world, token, number, **wrong)
    assert world.row(number).status == "new"


def test_guessing_links_is_slowed_down_and_good_ones_are_kept_as_hashes_only(world: World) -> None:
    asked = ask(world, world.token(world.person()), world.conversation())
    with world.store.read() as conn:
        assert asked.token not in repr(list(conn.execute(select(specialist_link))))
    for number in range(20):
        with pytest.raises(NotFound):
            world.inbox.specialists.page(f"guess{number}", from_address=FROM)
    with pytest.raises(TooManyAttempts):
        world.inbox.specialists.page(asked.token, from_address=FROM)
    assert world.inbox.specialists.page(asked.token, from_address="203.0.113.9").standing is Standing.OPENED


def test_a_question_follows_its_conversation_into_the_one_it_turns_out_to_belong_to(world: World) -> None:
    token, number, other = world.token(world.person()), world.conversation(), world.conversation("Hoort erbij")
    asked = ask(world, token, number)
    with world.store.write() as conn:
        rows = conn.execute(select(conversation).where(conversation.c.id.in_([number, other]))).all()
        found = {row.id: Stored(row.id, row.key, row.status, row.n_duplicates, Any) for row in rows}  # type: ignore[arg-type]
        merge(conn, world.store, found[other], [found[number]], now=world.clock())
    world.inbox.specialists.answer(asked.token, "Ja", from_address=FROM)
    assert [note.text for note in world.inbox.detail(token, other).notes] == ["Ja"]


INSTANTS = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2026, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(opened=INSTANTS, answered=INSTANTS, revoked=INSTANTS, days=st.integers(-10, 10))
def test_an_answer_stays_one_and_nothing_else_takes_another(
    opened: datetime | None, answered: datetime | None, revoked: datetime | None, days: int
) -> None:
    now = datetime(2026, 2, 1, tzinfo=UTC)
    question = SimpleNamespace(
        opened_at=opened, answered_at=answered, revoked_at=revoked, expires_at=now + timedelta(days=days)
    )
    standing = standing_of(question, now)
    assert (standing is Standing.ANSWERED) == (answered is not None)
    assert may_answer(standing) == (answered is None and revoked is None and days > 0)
