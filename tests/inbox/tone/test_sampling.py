"""The monthly sample: drawn once, each text labelled once, taken back, and read as an accuracy with its interval."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.privacy import dossier
from inbox.tone import sampling
from inbox.tone.views import Accuracy, ToLabel
from store.corrections import to_learn_from
from store.erasing import Erasure, Why, erase_items
from store.forgetting import find
from store.label_samples import items
from tests.inbox.conftest import SETTINGS, World
from tests.inbox.tone.conftest import bring, row
from understanding.measuring import Share

Later = Callable[..., datetime]


def drawn(world: World, later: Later, *texts: str) -> None:
    """A month with these texts, in its sample."""
    bring(world, *texts)
    later(days=30)
    assert sampling.tick(world.store, SETTINGS, world.clock()) == "2026-03"


def work(world: World, who: str, said: Callable[[ToLabel], str]) -> int:
    """Label until nothing is left; how many."""
    n = 0
    while (text := world.inbox.tones.next_text(who)) is not None:
        world.inbox.tones.label(who, text.month, text.place, said(text))
        n += 1
    return n


def accuracy(world: World) -> Accuracy:
    found = world.inbox.tones.accuracy(world.token(world.person(Role.READ_ONLY)))
    assert found is not None
    return found


def test_a_month_is_sampled_once_after_its_end(world: World, later: Later) -> None:
    bring(world, "Slecht", "Prima", "Waar is het?")
    assert sampling.tick(world.store, SETTINGS, world.clock()) is None, "March is not over, February held nothing"
    later(days=30)
    assert sampling.tick(world.store, SETTINGS, world.clock()) == "2026-03"
    assert sampling.tick(world.store, SETTINGS, world.clock()) is None
    assert not sampling.take(world.store, SETTINGS, "2026-03", now=world.clock()), "another worker, a moment later"
    (found,) = world.inbox.tones.months(world.token(world.person()))
    assert (found.n, found.n_left, found.strata) == (3, 3, {"nl": 3})


def test_the_share_that_is_right_stands_with_its_interval_per_language(world: World, later: Later) -> None:
    bring(world, "Slecht, heel slecht", "Prima, dank je wel", "Geweldig goed")
    bring(world, "This is terrible, really bad", lang="en")
    later(days=30)
    sampling.tick(world.store, SETTINGS, world.clock())
    who = world.token(world.person())
    assert world.inbox.tones.accuracy(who) is None
    assert work(world, who, lambda _: "negative") == 4
    found = accuracy(world)
    assert found.overall.share == Share(2, 4)
    assert found.overall.share.interval == pytest.approx((0.150, 0.850), abs=0.001)
    assert {one.lang: one.share for one in found.languages} == {"nl": Share(1, 3), "en": Share(1, 1)}
    assert world.inbox.tones.accuracy(who, "2026-03") == found
    assert world.inbox.tones.accuracy(who, "2026-02") is None


def test_what_nobody_can_tell_counts_for_nothing_and_what_the_model_does_not_say_is_counted_apart(
    world: World, later: Later
) -> None:
    drawn(world, later, "Slecht, heel slecht", "Zaak De Harde klok was open")
    who = world.token(world.person())
    answers = {"Slecht, heel slecht": "unclear"}
    work(world, who, lambda text: answers.get(text.text, "neutral"))
    found = accuracy(world)
    assert (found.n_labelled, found.n_unclear) == (2, 1)
    assert found.overall.share.n + found.overall.unsure == 1


def test_several_people_label_each_text_once(world: World, later: Later) -> None:
    drawn(world, later, *(f"Bericht nummer {n}" for n in range(6)))
    one, two = world.token(world.person(name="A")), world.token(world.person(name="B"))
    text = world.inbox.tones.next_text(one)
    assert text is not None
    first = world.inbox.tones.label(two, text.month, text.place, "positive")
    doubled = world.inbox.tones.label(two, text.month, text.place, "positive")
    second = world.inbox.tones.label(one, text.month, text.place, "negative")
    assert (first.again, doubled.again, second.again, second.label) == (False, False, True, "positive")
    assert work(world, one, lambda _: "neutral") == 5
    assert accuracy(world).n_labelled == 6


def test_ones_own_last_label_is_taken_back_and_the_text_offered_again(world: World, later: Later) -> None:
    drawn(world, later, "Een", "Twee", "Drie")
    who, other = world.token(world.person()), world.token(world.person())
    assert world.inbox.tones.take_back(who, "2026-03") is None
    places = []
    for said in ("negative", "positive"):
        text = world.inbox.tones.next_text(who)
        assert text is not None
        places.append(text.place)
        world.inbox.tones.label(who, text.month, text.place, said)
        world.clock.step(seconds=1)
    assert world.inbox.tones.take_back(other, "2026-03") is None
    for place in reversed(places):
        back = world.inbox.tones.take_back(who, "2026-03")
        assert back is not None
        assert (back.place, back.n) == (place, 3)
    assert world.inbox.tones.accuracy(who) is None


def test_no_model_learns_from_what_is_in_a_sample(world: World, later: Later) -> None:
    drawn(world, later, "Slecht", "Goed")
    (later_said,) = bring(world, "Nieuw bericht, slecht")
    who = world.token(world.person())
    with world.store.read() as conn:
        sampled = [one.mention_id for one in items(conn, "2026-03")]
    for number in (*sampled, later_said):
        world.inbox.tones.correct(who, number, "positive")
    with world.store.read() as conn:
        assert [one.mention_id for one in to_learn_from(conn)] == [later_said]


def test_a_correction_after_the_draw_does_not_make_the_month_look_better(world: World, later: Later) -> None:
    drawn(world, later, "Slecht, heel slecht")
    who = world.token(world.person())
    text = world.inbox.tones.next_text(who)
    assert text is not None
    with world.store.read() as conn:
        (item,) = items(conn, "2026-03")
    world.inbox.tones.correct(who, item.mention_id, "positive")
    world.inbox.tones.label(who, text.month, text.place, "positive")
    assert accuracy(world).overall.share == Share(0, 1)


def test_what_was_erased_is_no_longer_offered_but_its_label_stays_counted(world: World, later: Later) -> None:
    drawn(world, later, "Slecht", "Goed")
    who = world.token(world.person())
    text = world.inbox.tones.next_text(who)
    assert text is not None
    world.inbox.tones.label(who, text.month, text.place, "negative")
    with world.store.read() as conn:
        numbers = [one.mention_id for one in items(conn, "2026-03")]
    erasure = Erasure(Why.ERASED, world.clock())
    world.store.write_again(lambda conn: erase_items(conn, world.store, numbers, erasure))
    assert row(world, numbers[0]).text == ""
    assert world.inbox.tones.next_text(who) is None
    found = world.inbox.tones.months(who)[0]
    assert (found.n_labelled, found.n_gone, found.n_left) == (1, 1, 0)
    assert world.inbox.tones.take_back(who, "2026-03") is None


def test_whoever_asks_is_told_how_their_message_was_labelled_and_that_a_person_set_its_tone(
    world: World, later: Later
) -> None:
    drawn(world, later, "Slecht")
    agent = world.token(world.person())
    text = world.inbox.tones.next_text(agent)
    assert text is not None
    world.inbox.tones.label(agent, text.month, text.place, "negative")
    with world.store.read() as conn:
        (item,) = items(conn, text.month)
        subject = find(conn, author_id=row(world, item.mention_id).author_id)
    world.inbox.tones.correct(agent, item.mention_id, "positive")
    assert subject is not None
    found = dossier.gather(world.desk, subject)
    (message,) = found.conversations[0]["messages"]
    assert message["sentiment"] == "positive"
    assert message["sentiment_set_by_a_person"]
    assert message["labelled_in_samples"] == ["negative"]


def test_a_lead_may_draw_the_month_that_runs(world: World) -> None:
    who = world.token(world.person(Role.LEAD))
    with pytest.raises(BadInput, match="no message"):
        world.inbox.tones.draw(who)
    bring(world, "Slecht")
    assert world.inbox.tones.draw(who) == "2026-03"
    with pytest.raises(BadInput, match="already"):
        world.inbox.tones.draw(who)
    with pytest.raises(NotAllowed):
        world.inbox.tones.draw(world.token(world.person()))


def test_refusals(world: World, later: Later) -> None:
    drawn(world, later, "Slecht")
    who = world.token(world.person())
    with pytest.raises(BadInput, match="not a tone"):
        world.inbox.tones.label(who, "2026-03", 0, "unsure")
    for month, place in (("2026-03", 7), ("2031-01", 0), ("x", 0)):
        with pytest.raises(NotFound):
            world.inbox.tones.label(who, month, place, "negative")
    with pytest.raises(NotAllowed):
        world.inbox.tones.next_text(world.token(world.person(Role.ANALYST)))
    with pytest.raises(BadInput):
        sampling.bounds("maart", "Europe/Amsterdam")
