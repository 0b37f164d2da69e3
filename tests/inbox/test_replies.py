"""Answers before they go out: who may send what, when a second one is stopped, approval, taking back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from inbox.errors import (
    AlreadyAnswered,
    BadInput,
    CannotReply,
    Changed,
    ClaimedByOther,
    CustomerWroteAgain,
    NotAllowed,
    OutboxRefused,
    ReplyTooLong,
    UndoRefused,
)
from inbox.permissions import Role
from inbox.replying.views import OutboxView
from inbox.views import CurrentUser, Done
from store.schema import mention, outbox, user_account
from tests.inbox.conftest import World

Later = Callable[..., datetime]
ABLE: dict[str, Any] = {"can_reply": True, "max_length": 100, "deep_link": "https://forum.example/t/1"}


def answerable(world: World, text: str = "Mijn pakket is kwijt", **able: Any) -> int:
    """A conversation whose platform takes answers."""
    number = world.conversation(text)
    allow(world, number, **able)
    return number


def allow(world: World, conversation_id: int, **able: Any) -> None:
    with world.store.write() as conn:
        wanted = mention.c.conversation_id == conversation_id
        conn.execute(mention.update().where(wanted).values(capabilities={**ABLE, **able}))


def send(world: World, user: CurrentUser, number: int, text: str = "Wij kijken ernaar", **more: Any) -> Done:
    version = more.pop("version", world.row(number).version)
    return world.inbox.replies.send(world.token(user), number, text=text, version=version, **more)


def only(world: World, user: CurrentUser, number: int) -> OutboxView:
    (view,) = world.inbox.replies.of(world.token(user), number)
    return view


def test_an_answer_waits_ten_seconds_and_the_list_shows_that_it_is_on_its_way(world: World) -> None:
    agent, number = world.person(), answerable(world)
    before = world.row(number)
    done = send(world, agent, number)
    view = only(world, agent, number)
    assert done.code == "reply_queued"
    assert (view.id, view.state, view.text) == (done.params["outbox_id"], "queued", "Wij kijken ernaar")
    assert (view.not_before - world.clock()).total_seconds() == 10
    assert view.may_cancel
    row = world.row(number)
    assert (row.reply_state, row.status, row.assignee_id) == ("queued", "open", agent.id)
    assert row.unanswered_since == before.unanswered_since  # the clock runs until it was sent


def test_undo_within_the_window_takes_the_answer_back(world: World) -> None:
    agent, number = world.person(), answerable(world)
    done = send(world, agent, number)
    assert done.event_id is not None
    world.inbox.undo(world.token(agent), done.event_id)
    assert only(world, agent, number).state == "cancelled"
    row = world.row(number)
    assert (row.reply_state, row.status, row.assignee_id) == (None, "new", None)


def test_what_is_being_sent_can_no_longer_be_taken_back(world: World) -> None:
    agent, number = world.person(), answerable(world)
    done = send(world, agent, number)
    assert done.event_id is not None
    with world.store.write() as conn:
        conn.execute(outbox.update().values(state="sending"))
    with pytest.raises(UndoRefused, match="being sent"):
        world.inbox.undo(world.token(agent), done.event_id)
    with pytest.raises(OutboxRefused, match="being sent"):
        world.inbox.replies.cancel(world.token(agent), done.params["outbox_id"])


def test_the_second_of_two_agents_is_stopped_at_send(world: World) -> None:
    first, second, number = world.person(name="Mo"), world.person(), answerable(world)
    version = world.row(number).version
    send(world, first, number, version=version)
    with pytest.raises(AlreadyAnswered, match="An answer of Mo is on its way"):
        send(world, second, number, "Ook een antwoord", version=version)
    with pytest.raises(AlreadyAnswered):  # also one who looked just now
        send(world, second, number, "Ook een antwoord")
    assert len(world.inbox.replies.of(world.token(second), number)) == 1


def test_an_answer_by_hand_of_a_colleague_stops_the_second_too(world: World) -> None:
    first, second, number = world.person(name="Mo"), world.person(), answerable(world)
    version = world.row(number).version
    world.inbox.answered_by_hand(world.token(first), number)
    with pytest.raises(AlreadyAnswered, match="Mo has answered already"):
        send(world, second, number, version=version)
    send(world, second, number)  # knowing of it, one may add something


def test_pressing_send_twice_makes_one_answer(world: World) -> None:
    agent, number = world.person(), answerable(world)
    version = world.row(number).version
    first = send(world, agent, number, version=version)
    again = send(world, agent, number, version=version)
    assert again.params["outbox_id"] == first.params["outbox_id"]
    assert again.event_id is None
    send(world, agent, number, "En nog iets", version=version)
    assert len(world.inbox.replies.of(world.token(agent), number)) == 2


def test_the_author_is_told_what_the_customer_wrote_meanwhile(world: World, later: Later) -> None:
    agent, number = world.person(), answerable(world)
    version = world.row(number).version
    later(minutes=5)
    world.message(number, "Laat maar, het is er!")
    with pytest.raises(CustomerWroteAgain) as caught:
        send(world, agent, number, version=version)
    assert caught.value.texts == ("Laat maar, het is er!",)
    allow(world, number)
    send(world, agent, number, version=caught.value.version)


def test_a_step_of_a_colleague_stops_the_answer_with_a_sentence(world: World) -> None:
    agent, colleague, number = world.person(), world.person(name="Mo"), answerable(world)
    version = world.row(number).version
    world.inbox.add_tag(world.token(colleague), number, "bezorging")
    with pytest.raises(Changed, match="Mo added the tag bezorging"):
        send(world, agent, number, version=version)


def test_who_has_the_conversation_answers_it(world: World) -> None:
    agent, colleague, number = world.person(), world.person(), answerable(world)
    world.inbox.claim(world.token(colleague), number)
    with pytest.raises(ClaimedByOther):
        send(world, agent, number)
    send(world, colleague, number)


def test_where_the_platform_takes_no_answer_it_says_why_and_where(world: World) -> None:
    agent = world.person()
    number = answerable(world, can_reply=False, why_not_reply="The topic is closed.")
    with pytest.raises(CannotReply, match="closed") as caught:
        send(world, agent, number)
    assert caught.value.deep_link == "https://forum.example/t/1"
    reply = world.inbox.detail(world.token(agent), number).reply
    assert (reply.can_reply, reply.why_not, reply.visibilities) == (False, "The topic is closed.", ())


def test_a_closed_conversation_is_reopened_before_it_is_answered(world: World) -> None:
    agent, number = world.person(), answerable(world)
    world.inbox.resolve(world.token(agent), number)
    with pytest.raises(CannotReply, match="Reopen"):
        send(world, agent, number)


@pytest.mark.parametrize(
    ("text", "able", "counted"),
    [
        ("x" * 101, {}, 101),
        ("👍🏽" * 60, {}, 120),
        ("👍🏽" * 30, {"length_unit": "utf16"}, 120),
        ("kijk op " + "https://voorbeeld.nl/" + "a" * 200, {"link_length": 23, "max_length": 30}, 31),
    ],
)
def test_length_counts_in_the_unit_of_the_platform(world: World, text: str, able: dict[str, Any], counted: int) -> None:
    agent, number = world.person(), answerable(world, **able)
    with pytest.raises(ReplyTooLong) as caught:
        send(world, agent, number, text)
    assert caught.value.params["length"] == counted


@pytest.mark.parametrize(("text", "more"), [("  \n ", {}), ("ja", {"follow_up": "spam"}), ("ja", {"visibility": "x"})])
def test_what_makes_no_sense_is_refused(world: World, text: str, more: dict[str, Any]) -> None:
    agent, number = world.person(), answerable(world)
    with pytest.raises(BadInput):
        send(world, agent, number, text, **more)


def private(world: World, number: int, **able: Any) -> None:
    from store.schema import conversation

    allow(world, number, **able)
    with world.store.write() as conn:
        conn.execute(conversation.update().where(conversation.c.id == number).values(visibility="private"))
        conn.execute(mention.update().where(mention.c.conversation_id == number).values(visibility="private"))


def test_a_private_conversation_is_never_answered_in_public(world: World) -> None:
    agent, number = world.person(), answerable(world)
    private(world, number)
    for wider in ("public", "unlisted"):
        with pytest.raises(BadInput, match="never more public"):
            send(world, agent, number, visibility=wider)
    send(world, agent, number)
    assert only(world, agent, number).visibility == "private"


def test_one_private_message_makes_the_answer_private_or_impossible(world: World) -> None:
    agent, number = world.person(), answerable(world)
    private(world, number)
    world.message(number, "en nu openbaar")
    world.route()
    allow(world, number)
    with pytest.raises(CannotReply, match="cannot be private"):
        send(world, agent, number)
    assert not world.inbox.detail(world.token(agent), number).reply.can_reply
    allow(world, number, can_narrow=True)
    send(world, agent, number)
    assert only(world, agent, number).visibility == "private"


def test_narrower_is_possible_where_the_platform_can(world: World) -> None:
    agent, number = world.person(), answerable(world)
    with pytest.raises(CannotReply, match="cannot be unlisted"):
        send(world, agent, number, visibility="unlisted")
    allow(world, number, can_narrow=True)
    assert world.inbox.detail(world.token(agent), number).reply.visibilities == ("public", "unlisted", "private")
    send(world, agent, number, visibility="unlisted")
    assert only(world, agent, number).visibility == "unlisted"


def test_a_specialists_answer_waits_for_a_colleague_who_is_not_the_author(world: World, later: Later) -> None:
    author, lead, number = world.person(Role.SPECIALIST, name="Bo"), world.person(Role.LEAD), answerable(world)
    done = send(world, author, number)
    assert done.code == "reply_approval"
    assert world.row(number).reply_state == "approval"
    (waiting,) = world.inbox.replies.waiting_for_approval(world.token(lead))
    assert (waiting.author.name if waiting.author else "", waiting.may_approve) == ("Bo", True)
    assert waiting.question == "Mijn pakket is kwijt"
    with pytest.raises(NotAllowed):
        world.inbox.replies.approve(world.token(author), waiting.id)
    later(minutes=5)
    world.inbox.replies.approve(world.token(lead), waiting.id, text="Wij kijken er vandaag naar")
    view = only(world, author, number)
    assert (view.state, view.text) == ("queued", "Wij kijken er vandaag naar")
    assert (view.not_before - world.clock()).total_seconds() == 10
    assert not world.inbox.replies.waiting_for_approval(world.token(lead))


def test_a_lead_marked_as_needing_approval_cannot_approve_oneself(world: World) -> None:
    lead, other, number = world.person(Role.LEAD), world.person(Role.LEAD), answerable(world)
    with world.store.write() as conn:
        conn.execute(user_account.update().where(user_account.c.id == lead.id).values(needs_approval=True))
    done = send(world, lead, number)
    assert done.code == "reply_approval"
    with pytest.raises(OutboxRefused, match="colleague"):
        world.inbox.replies.approve(world.token(lead), done.params["outbox_id"])
    approved = world.inbox.replies.approve(world.token(other), done.params["outbox_id"])
    assert approved.event_id is not None
    world.inbox.undo(world.token(other), approved.event_id)
    assert only(world, lead, number).state == "approval"


def test_a_rejected_answer_tells_its_author_why_until_it_is_put_aside(world: World) -> None:
    author, lead, number = world.person(Role.SPECIALIST), world.person(Role.LEAD), answerable(world)
    done = send(world, author, number)
    with pytest.raises(BadInput):
        world.inbox.replies.reject(world.token(lead), done.params["outbox_id"], reason=" ")
    world.inbox.replies.reject(world.token(lead), done.params["outbox_id"], reason="Noem geen bedrag")
    (told,) = world.inbox.replies.troubled(world.token(author))
    assert (told.state, told.trouble) == ("rejected", "Noem geen bedrag")
    assert world.row(number).reply_state == "rejected"
    world.inbox.replies.cancel(world.token(author), told.id)
    assert world.row(number).reply_state is None
    assert not world.inbox.replies.troubled(world.token(author))


def test_only_the_author_or_a_lead_handles_an_answer(world: World) -> None:
    author, colleague, lead, number = world.person(), world.person(), world.person(Role.LEAD), answerable(world)
    done = send(world, author, number)
    with pytest.raises(NotAllowed):
        world.inbox.replies.cancel(world.token(colleague), done.params["outbox_id"])
    taken_back = world.inbox.replies.cancel(world.token(lead), done.params["outbox_id"])
    assert taken_back.undo_until is None
    assert taken_back.event_id is not None
    with pytest.raises(UndoRefused, match="cannot be undone"):
        world.inbox.undo(world.token(lead), taken_back.event_id)


def test_who_only_reads_sends_nothing(world: World) -> None:
    number = answerable(world)
    for role in (Role.READ_ONLY, Role.ANALYST):
        with pytest.raises(NotAllowed):
            send(world, world.person(role), number)


def test_what_may_have_been_sent_is_not_sent_again_before_somebody_looked(world: World) -> None:
    agent, number = world.person(), answerable(world)
    outbox_id = send(world, agent, number).params["outbox_id"]
    with world.store.write() as conn:
        conn.execute(outbox.update().values(state="unknown", tried_at=world.clock()))
    token = world.token(agent)
    with pytest.raises(OutboxRefused, match="asked first"):
        world.inbox.replies.retry(token, outbox_id)
    assert only(world, agent, number).may_decide
    world.inbox.replies.was_not_sent(token, outbox_id)
    assert only(world, agent, number).state == "failed"
    world.inbox.replies.retry(token, outbox_id)
    assert only(world, agent, number).state == "queued"


def test_a_person_who_found_the_answer_on_the_platform_stops_the_clock(world: World, later: Later) -> None:
    agent, number = world.person(), answerable(world)
    outbox_id = send(world, agent, number, follow_up="resolved").params["outbox_id"]
    with world.store.write() as conn:
        conn.execute(outbox.update().values(state="unknown", tried_at=world.clock()))
    later(minutes=20)
    world.inbox.replies.sent_by_hand(world.token(agent), outbox_id)
    (answer,) = [one for one in world.events(number) if one.action == "reply_sent"]
    assert (answer.actor_id, answer.wall_s) == (agent.id, 1200)
    row = world.row(number)
    assert (row.status, row.unanswered_since, row.reply_state) == ("resolved", None, None)


def test_likes_go_the_same_way_where_the_platform_can(world: World) -> None:
    agent, number = world.person(), answerable(world)
    target = world.row(number).first_mention_id
    with pytest.raises(CannotReply):
        world.inbox.replies.like(world.token(agent), target)
    allow(world, number, can_like=True)
    first = world.inbox.replies.like(world.token(agent), target)
    again = world.inbox.replies.like(world.token(agent), target)
    assert again.params["outbox_id"] == first.params["outbox_id"] == only(world, agent, number).id
    assert world.row(number).reply_state is None
    with pytest.raises(CannotReply, match="own posts"):
        world.inbox.replies.delete_own(world.token(agent), target)


def test_handling_an_answer_hides_no_news_of_the_customer(world: World, later: Later) -> None:
    agent, number = world.person(), answerable(world)
    outbox_id = send(world, agent, number).params["outbox_id"]
    world.inbox.wait_for_customer(world.token(agent), number)
    later(seconds=2)
    world.message(number, "Nog steeds kwijt")  # stored, and nobody has routed it yet
    world.inbox.replies.cancel(world.token(agent), outbox_id)
    world.route()
    assert world.row(number).status == "open"
    assert "customer_wrote" in world.actions(number)
