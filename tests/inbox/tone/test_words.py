"""Words made to count for more or for nothing: what it would do is shown first, and all of it can be taken back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.tone.scoring import adjusted, newest
from store.schema import event, tone_word
from tests.inbox.conftest import World
from tests.inbox.tone.conftest import bring, row
from understanding.prepared import prepare
from understanding.sentiment import NO_WORDS


def lead(world: World) -> str:
    return world.token(world.person(Role.LEAD, name="Femke"))


def said(world: World, text: str, lang: str = "nl") -> str:
    return newest(world.store).score(prepare(text), lang).label


def test_a_word_that_counts_for_nothing_no_longer_decides(world: World) -> None:
    who = lead(world)
    version = newest(world.store).version
    assert said(world, "Slecht") == "negative"
    world.inbox.tones.put_word(who, "Slecht")
    assert said(world, "Slecht") != "negative"
    assert newest(world.store).version != version
    (standing,) = world.inbox.tones.words(who)
    assert (standing.word, standing.lang, standing.weight, standing.made_by) == ("slecht", "", None, "Femke")
    world.inbox.tones.free_word(who, standing.id)
    assert said(world, "Slecht") == "negative"
    assert newest(world.store).version == version
    (past,) = world.inbox.tones.past_words(who)
    assert past.ended_by == "Femke"


def test_a_word_can_count_in_one_language_only(world: World) -> None:
    world.inbox.tones.put_word(lead(world), "raket", lang="nl", weight=1.0)
    assert said(world, "Wat een raket") == "positive"
    assert said(world, "Wat een raket", "en") != "positive"


def test_the_recount_says_what_would_change_and_changes_nothing(world: World) -> None:
    who = lead(world)
    mine = bring(world, "De storing is er weer", "Er is een storing, bedankt voor het melden", "Mijn pakket is er")
    found = world.inbox.tones.recount(who, "storing")
    assert (found.n_texts, found.whole) == (2, True)
    assert found.n_changed == len(found.examples) > 0
    assert sum(n for _, _, n in found.moves) == found.n_changed
    for one in found.examples:
        assert one.mention_id in mine
        assert one.before == row(world, one.mention_id).sentiment != one.after
    assert world.inbox.tones.words(who) == ()
    world.inbox.tones.put_word(who, "storing")
    for one in found.examples:
        assert said(world, row(world, one.mention_id).text) == one.after
    assert world.inbox.tones.recount(who, "storing").n_changed == 0


def test_what_an_agent_said_is_left_out_of_the_recount(world: World) -> None:
    who = lead(world)
    (mine,) = bring(world, "Slecht, slecht, slecht")
    assert world.inbox.tones.recount(who, "slecht").n_texts == 1
    world.inbox.tones.correct(who, mine, "negative")
    assert world.inbox.tones.recount(who, "slecht").n_texts == 0
    assert world.inbox.tones.recount(who, "onbekend").n_texts == 0


def test_saying_it_again_replaces_what_was_said_and_saying_the_same_does_nothing(world: World) -> None:
    who = lead(world)
    for weight in (-1.0, -1.0, None, None):
        world.inbox.tones.put_word(who, "traag", weight=weight)
    assert [(one.weight, one.ended_at is None) for one in world.inbox.tones.past_words(who)] == [
        (None, True),
        (-1.0, False),
    ]
    (now,) = world.inbox.tones.words(who)
    for _ in range(2):
        world.inbox.tones.free_word(who, now.id)
    with world.store.read() as conn:
        told = conn.execute(select(event.c.action, event.c.after).where(event.c.object_type == "tone_word")).all()
    assert [one.action for one in told] == ["tone_word_boosted", "tone_word_excluded", "tone_word_freed"]
    assert told[0].after["facts"] == {"word": "traag", "lang": "", "weight": -1.0}


def test_the_database_lets_nobody_say_a_word_twice_at_once(world: World) -> None:
    world.inbox.tones.put_word(lead(world), "traag")
    twice = {"id": 1, "word": "traag", "lang": "", "made_at": world.clock(), "made_by": 1}
    with pytest.raises(IntegrityError), world.store.write() as conn:
        conn.execute(tone_word.insert().values(**twice))


@pytest.mark.parametrize("text", ["", "   ", "twee woorden", "👍", "\x00", "a" * 101, "woord " * 20_000, "-", "\u202e"])
def test_what_is_no_single_word_is_refused(world: World, text: str) -> None:
    who = lead(world)
    with pytest.raises(BadInput, match="one word"):
        world.inbox.tones.put_word(who, text)
    with pytest.raises(BadInput, match="one word"):
        world.inbox.tones.recount(who, text)


def test_other_refusals(world: World) -> None:
    who = lead(world)
    with pytest.raises(BadInput, match="language"):
        world.inbox.tones.put_word(who, "traag", lang="Dutch")
    for weight in (1.5, -2.0, float("nan")):
        with pytest.raises(BadInput, match="between"):
            world.inbox.tones.put_word(who, "traag", weight=weight)
    with pytest.raises(NotFound):
        world.inbox.tones.free_word(who, 99)
    with pytest.raises(NotAllowed):
        world.inbox.tones.put_word(world.token(world.person()), "traag")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(("", "nl")), st.sampled_from((None, 0.5, -1.0)))))
def test_the_last_word_about_a_word_counts(said_so: list[tuple[str, str, float | None]]) -> None:
    words = NO_WORDS
    for word, lang, weight in said_so:
        words = adjusted(words, word, lang, weight)
    last = {(f"{lang}:{word}" if lang else word): weight for word, lang, weight in said_so}
    assert dict(words.boosts) == {name: weight for name, weight in last.items() if weight is not None}
    assert words.excluded == {name for name, weight in last.items() if weight is None}


def test_the_record_tells_which_word_by_its_facts_and_no_id(world: World) -> None:
    world.inbox.tones.put_word(lead(world), "storing", lang="nl", weight=-1.0)
    page = world.inbox.access.record(world.token(world.person(Role.ADMINISTRATOR)), kind="settings")
    line = next(one for one in page.lines if one.action == "tone_word_boosted")
    assert (line.object, line.actor) == ("", "Femke")
    assert line.params == {"word": "storing", "lang": "nl", "weight": -1.0}
