"""Drafts on the server, on both engines: nothing typed is lost, nothing old comes back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox import claims
from inbox.errors import BadInput, NotAllowed, NotFound, StoreBusy
from inbox.permissions import Role
from inbox.writing.views import Mode
from store.engine import open_store
from tests.inbox.conftest import World


def kept(world: World, token: str, row_id: int, mode: Mode = Mode.REPLY) -> str | None:
    found = world.inbox.writing.drafts(token, row_id).of(mode)
    return None if found is None else found.text


def save(  # noqa: PLR0917 - a line of typing reads best as one
    world: World, token: str, row_id: int, text: str, rev: int, mode: Mode = Mode.REPLY
) -> tuple[int, bool]:
    done = world.inbox.writing.save_draft(token, row_id, mode=mode, text=text, rev=rev, version=1)
    return done.rev, done.kept


def test_a_draft_is_kept_for_each_mode_apart(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    save(world, token, row_id, "Hoi Piet", 1)
    save(world, token, row_id, "Planner gebeld", 1, Mode.NOTE)
    assert kept(world, token, row_id) == "Hoi Piet"
    assert kept(world, token, row_id, Mode.NOTE) == "Planner gebeld"
    assert world.actions(row_id) == ["routed"], "typing is no step of work"


def test_an_older_save_that_arrives_late_is_dropped_and_told(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    assert save(world, token, row_id, "Hoi Piet, dank je", 5) == (5, True)
    assert save(world, token, row_id, "Hoi P", 3) == (5, False)
    assert kept(world, token, row_id) == "Hoi Piet, dank je"


def test_emptying_removes_it_and_a_late_save_does_not_bring_it_back(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    save(world, token, row_id, "Hoi", 1)
    save(world, token, row_id, "  \n", 3)
    assert kept(world, token, row_id) is None
    assert save(world, token, row_id, "Hoi", 2) == (3, False)
    assert kept(world, token, row_id) is None
    assert world.inbox.writing.drafts(token, row_id).revs == {"reply": 3}


def test_discarding_counts_as_the_last_word(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    assert world.inbox.writing.discard(token, row_id, Mode.REPLY).rev == 0
    save(world, token, row_id, "Hoi", 7)
    assert world.inbox.writing.discard(token, row_id, Mode.REPLY).rev == 8
    assert save(world, token, row_id, "Hoi", 7) == (8, False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([1, 2, 3, 4, 5]))
def test_in_whatever_order_saves_arrive_the_last_typed_stands(world: World, order: list[int]) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    for rev in order:
        save(world, token, row_id, f"text {rev}", rev)
    assert kept(world, token, row_id) == "text 5"


def test_a_lapsed_claim_leaves_the_draft(world: World) -> None:
    agent, row_id = world.person(), world.conversation()
    token = world.token(agent)
    world.inbox.claim(token, row_id)
    save(world, token, row_id, "Hoi", 1)
    world.clock.step(minutes=11)
    assert claims.lapse(world.desk, row_id)
    assert kept(world, token, row_id) == "Hoi"


def test_a_draft_is_ones_own_and_colleagues_only_hear_that_there_is_one(world: World) -> None:
    jo, sam, row_id = world.person(name="Jo"), world.person(name="Sam"), world.conversation()
    save(world, world.token(jo), row_id, "Hoi", 1)
    save(world, world.token(jo), row_id, "niet bellen", 1, Mode.NOTE)
    seen = world.inbox.writing.drafts(world.token(sam), row_id)
    assert seen.mine == ()
    assert [(one.person.name, one.mode) for one in seen.others] == [("Jo", Mode.REPLY)]
    world.clock.step(days=8)
    assert world.inbox.writing.drafts(world.token(sam), row_id).others == ()


def test_what_i_have_not_sent_is_listed_newest_first(world: World) -> None:
    token = world.token(world.person())
    first, second = world.conversation(author_name="Eva"), world.conversation(author_name="Jan")
    save(world, token, first, "Hoi  Eva,\n\nlangere tekst", 1)
    world.clock.step(minutes=1)
    save(world, token, second, "Hoi Jan", 1)
    save(world, token, second, "weg", 1, Mode.NOTE)
    save(world, token, second, "", 2, Mode.NOTE)
    found = world.inbox.writing.my_drafts(token)
    assert [(one.conversation_id, one.author_name, one.excerpt) for one in found] == [
        (second, "Jan", "Hoi Jan"),
        (first, "Eva", "Hoi Eva, langere tekst"),
    ]
    assert world.inbox.writing.my_drafts(world.token(world.person(Role.READ_ONLY))) == ()


def test_too_long_is_said_in_words_and_hundred_thousand_is_kept(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    save(world, token, row_id, "x" * 100_000, 1)
    with pytest.raises(BadInput, match="at most 100,000 are kept"):
        save(world, token, row_id, "x" * 100_001, 2)
    assert len(kept(world, token, row_id) or "") == 100_000


def test_any_text_is_kept_as_typed_without_what_no_store_takes(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    save(world, token, row_id, "a\x00b\ud800 \u202e{{7*7}} <script> 👩‍👩‍👧\r\nregel", 1)
    assert kept(world, token, row_id) == "ab \u202e{{7*7}} <script> 👩‍👩‍👧\nregel"


def test_who_may_not_write_may_not_keep_drafts_either(world: World) -> None:
    row_id = world.conversation()
    reader, specialist = world.token(world.person(Role.READ_ONLY)), world.token(world.person(Role.SPECIALIST))
    for mode in Mode:
        with pytest.raises(NotAllowed):
            save(world, reader, row_id, "x", 1, mode)
    save(world, specialist, row_id, "x", 1, Mode.REPLY)
    with pytest.raises(NotAllowed):
        save(world, specialist, row_id, "x", 1, Mode.HAND)


def test_a_draft_on_nothing_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        save(world, world.token(world.person()), 404, "x", 1)


def test_emptied_drafts_are_forgotten_after_a_day(world: World) -> None:
    agent = world.person()
    token = world.token(agent)
    old, new = world.conversation(), world.conversation()
    save(world, token, old, "x", 1)
    save(world, token, old, "", 2)
    world.clock.step(days=2)
    token = world.token(agent)
    save(world, token, new, "x", 1)
    save(world, token, new, "", 2)
    assert world.inbox.writing.drafts(token, old).revs == {}
    assert world.inbox.writing.drafts(token, new).revs == {"reply": 2}


def test_two_conversations_that_are_joined_keep_both_texts(world: World) -> None:
    from store import drafts

    token = world.token(world.person())
    one, other, third = world.conversation(), world.conversation(), world.conversation()
    save(world, token, one, "Hoi Eva", 4)
    save(world, token, other, "Beste Eva", 9)
    save(world, token, other, "bellen", 1, Mode.NOTE)
    with world.store.write() as conn:
        drafts.move(conn, other, one)
        drafts.move(conn, third, one)
    assert kept(world, token, one) == "Hoi Eva\n\nBeste Eva"
    assert kept(world, token, one, Mode.NOTE) == "bellen"
    assert world.inbox.writing.drafts(token, one).revs == {"reply": 10, "note": 1}


@pytest.mark.slow
def test_a_locked_store_says_that_nothing_was_kept(world: World) -> None:
    if not world.store.is_sqlite:
        pytest.skip("only SQLite locks the whole store")
    token, row_id = world.token(world.person()), world.conversation()
    other = open_store(world.store.url)
    with other.write(), pytest.raises(StoreBusy, match="nothing was changed"):
        save(world, token, row_id, "Hoi", 1)
    other.close()
    assert save(world, token, row_id, "Hoi", 1) == (1, True)


def test_a_note_that_is_taken_back_is_a_draft_again_before_what_was_typed_since(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    save(world, token, row_id, "Planner gebeld", 4, Mode.NOTE)
    done = world.inbox.add_note(token, row_id, "Planner gebeld")
    world.inbox.writing.sent(token, row_id, mode=Mode.NOTE, template_id=None)
    assert kept(world, token, row_id, Mode.NOTE) is None
    save(world, token, row_id, "En de monteur", 6, Mode.NOTE)
    world.inbox.undo(token, done.event_id)
    assert kept(world, token, row_id, Mode.NOTE) == "Planner gebeld\n\nEn de monteur"
    assert world.inbox.writing.drafts(token, row_id).revs["note"] == 7, "newer than what the browser has"


def test_an_answer_by_hand_that_is_taken_back_is_a_draft_again(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    done = world.inbox.answered_by_hand(token, row_id, text="We kijken ernaar")
    world.inbox.undo(token, done.event_id)
    assert kept(world, token, row_id, Mode.HAND) == "We kijken ernaar"
    empty = world.inbox.answered_by_hand(token, world.conversation(), text="")
    world.inbox.undo(token, empty.event_id)
    assert kept(world, token, empty.conversation_id, Mode.HAND) is None
