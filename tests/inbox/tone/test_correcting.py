"""An agent says what the tone of a message is: the message, its card and the figures follow at once, and go back."""

from __future__ import annotations

from datetime import date

import pytest

from inbox.bulk.views import Action, Kind
from inbox.errors import BadInput, NotAllowed, NotFound, UndoRefused
from inbox.permissions import Role
from store.enriching import Enriched, rewrite
from store.rollups import check_rollups
from store.sentiments import Sentiment, by_tier
from store.volumes import Wanted, totals
from tests.inbox.conftest import World
from tests.inbox.tone.conftest import ZONE, bring, row

KEPT = ("sentiment", "sentiment_score", "sentiment_confidence", "sentiment_by", "sentiment_corrected_by")


def counted(world: World) -> dict[str, int]:
    with world.store.read() as conn:
        found = totals(conn, Wanted(), first=date(2000, 1, 1), until=date(2100, 1, 1), by="sentiment")
    assert check_rollups(world.store, timezone=ZONE) == []
    return {mood: n for mood, (n, _, _) in found.items()}


def test_message_card_and_figures_follow_in_one_step_and_go_back_with_undo(world: World) -> None:
    agent = world.person(name="Sanne")
    who = world.token(agent)
    (said,) = bring(world, "Fijn dat ik al drie weken niets hoor, geweldig")
    before = row(world, said)
    assert counted(world) == {before.sentiment: 1}
    done = world.inbox.tones.correct(who, said, "negative")
    after = row(world, said)
    assert [getattr(after, name) for name in KEPT] == ["negative", -1.0, 1.0, "hand", agent.id]
    detail = world.inbox.detail(who, after.conversation_id)
    assert (detail.card.sentiment, detail.messages[0].sentiment) == ("negative", "negative")
    tone = detail.messages[0].tone
    assert tone is not None
    assert (tone.label, tone.corrected_by, tone.machine) == ("negative", "Sanne", before.sentiment)
    assert detail.events[-1].text == "Sanne set the tone to negative."
    assert counted(world) == {"negative": 1}
    assert done.event_id is not None
    world.inbox.undo(who, done.event_id)
    again = row(world, said)
    assert [getattr(again, name) for name in KEPT] == [getattr(before, name) for name in KEPT]
    assert world.row(after.conversation_id).sentiment == before.sentiment
    assert counted(world) == {before.sentiment: 1}


def test_a_doubled_click_is_one_correction(world: World) -> None:
    who = world.token(world.person())
    (said,) = bring(world, "Waar blijft mijn pakket?")
    first = world.inbox.tones.correct(who, said, "negative")
    second = world.inbox.tones.correct(who, said, "negative")
    assert first.event_id is not None
    assert second.event_id is None
    assert world.actions(row(world, said).conversation_id).count("toned") == 1


def test_saying_what_the_model_said_confirms_it(world: World) -> None:
    agent = world.person()
    (said,) = bring(world, "Slechte service, heel slecht")
    assert row(world, said).sentiment == "negative"
    world.inbox.tones.correct(world.token(agent), said, "negative")
    assert row(world, said).sentiment_corrected_by == agent.id


def test_no_machine_takes_the_place_of_what_an_agent_said(world: World) -> None:
    (said,) = bring(world, "Prima zo")
    world.inbox.tones.correct(world.token(world.person()), said, "negative")
    better = Enriched(said, sentiment=Sentiment("positive", 0.9, 0.9, by_tier(2, "x")))
    with world.store.write() as conn:
        assert rewrite(conn, world.store, [better], timezone=ZONE).kept == (said,)
    assert row(world, said).sentiment == "negative"


def test_the_model_can_be_let_to_judge_again(world: World) -> None:
    who = world.token(world.person(name="Sanne"))
    (said,) = bring(world, "Slechte service, heel slecht")
    was = row(world, said)
    world.inbox.tones.correct(who, said, "positive")
    world.clock.step(hours=3)
    done = world.inbox.tones.correct(who, said, "machine")
    now = row(world, said)
    assert [getattr(now, name) for name in KEPT] == [getattr(was, name) for name in KEPT]
    assert world.inbox.detail(who, now.conversation_id).events[-1].text == (
        "Sanne let the tone be judged by itself again."
    )
    assert done.event_id is not None
    world.inbox.undo(who, done.event_id)
    assert (row(world, said).sentiment, row(world, said).sentiment_by) == ("positive", "hand")
    assert world.inbox.tones.correct(who, bring(world, "Prima")[0], "machine").event_id is None


def test_the_card_follows_only_for_the_message_it_shows(world: World) -> None:
    who = world.token(world.person())
    first, second = bring(world, "Slecht, slecht, slecht", "Helemaal goed nu, geweldig, dank je", thread="t")
    talk = row(world, first).conversation_id
    shown = world.row(talk)
    other = first if shown.last_mention_id == second else second
    world.inbox.tones.correct(who, other, "neutral")
    assert world.row(talk).sentiment == shown.sentiment
    assert sum(counted(world).values()) == 2


def test_many_are_corrected_and_taken_back_at_once(world: World) -> None:
    who = world.token(world.person())
    said = bring(world, "Prima", "Waar is het?", "Slecht")
    talks = [row(world, one).conversation_id for one in said]
    before = [row(world, one).sentiment for one in said]
    done = world.inbox.bulk.apply(who, dict.fromkeys(talks), Action(Kind.TONE, "negative"))
    assert len(done.done) == 3
    assert [world.row(talk).sentiment for talk in talks] == ["negative"] * 3
    assert counted(world) == {"negative": 3}
    assert world.inbox.bulk.undo(who, done.event_ids) is not None
    assert [row(world, one).sentiment for one in said] == before
    assert [row(world, one).sentiment_corrected_by for one in said] == [None] * 3
    assert sum(counted(world).values()) == 3
    assert world.inbox.bulk.apply(who, {}, Action(Kind.TONE, "negative")).done == ()


def test_a_colleagues_later_word_is_not_taken_back_with_mine(world: World) -> None:
    me, other = world.token(world.person()), world.token(world.person(name="Daan"))
    (said,) = bring(world, "Tja")
    done = world.inbox.tones.correct(me, said, "negative")
    world.inbox.tones.correct(other, said, "positive")
    assert done.event_id is not None
    with pytest.raises(UndoRefused, match="Daan"):
        world.inbox.undo(me, done.event_id)
    assert row(world, said).sentiment == "positive"


def test_what_was_never_scored_can_be_corrected_and_goes_back_to_the_model(world: World) -> None:
    who = world.token(world.person())
    (said,) = bring(world, "Slechte service, heel slecht", sentiment=None)
    assert row(world, said).sentiment is None
    done = world.inbox.tones.correct(who, said, "positive")
    assert counted(world) == {"positive": 1}
    assert done.event_id is not None
    world.inbox.undo(who, done.event_id)
    assert (row(world, said).sentiment, row(world, said).sentiment_corrected_by) == ("negative", None)


def test_refusals_say_why_and_change_nothing(world: World) -> None:
    who = world.token(world.person())
    (said,) = bring(world, "Waar blijft het?")
    (ours,) = bring(world, "We zoeken het uit", direction="outbound")
    with pytest.raises(BadInput, match="negative, neutral, positive"):
        world.inbox.tones.correct(who, said, "unsure")
    for gone in (ours, 12345):
        with pytest.raises(NotFound):
            world.inbox.tones.correct(who, gone, "negative")
    with pytest.raises(NotAllowed):
        world.inbox.tones.correct(world.token(world.person(Role.READ_ONLY)), said, "negative")
    with pytest.raises(BadInput):
        world.inbox.bulk.apply(who, {row(world, said).conversation_id: None}, Action(Kind.TONE, 3))
    assert row(world, said).sentiment_corrected_by is None
