"""Learning from corrections at night: adopted only when it helps, recorded always, and a person may go back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox.errors import NotAllowed, NotFound
from inbox.permissions import Role
from inbox.tone import refitting, sampling
from inbox.tone.guard import MIN_HELD, MIN_SAMPLE, Outcome, Paired, compare, decide, is_held_back
from inbox.tone.scoring import newest
from store.corrections import Correction
from store.schema import event, tone_fit
from store.tone_fits import ToneFitRow, attempts, in_use
from tests.inbox.conftest import SETTINGS, World
from tests.inbox.tone.conftest import bring
from understanding.sentiment import NO_WORDS, tier_one
from understanding.sentiment.model import Model, committed

Later = Callable[..., datetime]
PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=80)


@given(PAIRS, PAIRS)
def test_nothing_is_adopted_that_is_worse_on_examples_it_never_saw(
    held: list[tuple[bool, bool]], sample: list[tuple[bool, bool]]
) -> None:
    judged, asked = compare(held), compare(sample)
    assert judged.gain == sum(new for _, new in held) - sum(old for old, _ in held)
    if decide(judged, asked) is Outcome.ADOPTED:
        assert judged.n >= MIN_HELD
        assert judged.right_after > judged.right_before
        assert asked.n < MIN_SAMPLE or asked.right_after >= asked.right_before
    else:
        assert judged.n < MIN_HELD or judged.gain <= 0 or (asked.n >= MIN_SAMPLE and asked.gain < 0)


def test_each_refusal_says_which_it_is() -> None:
    fine = Paired(MIN_HELD, 10, 12, better=3, worse=1)
    assert decide(fine, Paired()) is Outcome.ADOPTED
    assert decide(Paired(MIN_HELD - 1, 0, 29, better=29), Paired()) is Outcome.FEW
    assert decide(Paired(MIN_HELD, 10, 10, better=2, worse=2), Paired()) is Outcome.NO_GAIN
    assert decide(Paired(MIN_HELD, 10, 9, better=2, worse=3), Paired()) is Outcome.WORSE
    assert decide(fine, Paired(MIN_SAMPLE, 20, 19, worse=1)) is Outcome.SAMPLE_WORSE
    assert decide(fine, Paired(MIN_SAMPLE - 1, 20, 0, worse=20)) is Outcome.ADOPTED


def test_about_a_third_is_held_back_and_always_the_same() -> None:
    sides = [is_held_back(number << 22) for number in range(3_000)]
    assert 900 < sum(sides) < 1_100
    assert sides == [is_held_back(number << 22) for number in range(3_000)]


def corrected(world: World, n: int, tone: str) -> None:
    """Customers ask something with a word that the model takes for nothing; agents say what it is."""
    who = world.token(world.person())
    for number in bring(world, *(f"Ik heb een vraag over bestelling {each}?" for each in range(n))):
        world.inbox.tones.correct(who, number, tone)


def night(world: World, later: Later) -> Outcome | None:
    later(days=1)
    return refitting.tick(world.store, SETTINGS, world.clock())


def used(world: World) -> date | None:
    with world.store.read() as conn:
        return in_use(conn)


def test_a_model_that_has_more_of_the_held_back_ones_right_is_adopted_and_used_at_once(
    world: World, later: Later
) -> None:
    corrected(world, 120, "negative")
    shipped = newest(world.store).version
    assert refitting.tick(world.store, SETTINGS, world.clock().replace(hour=0)) is None, "it is not three o'clock"
    assert night(world, later) is Outcome.ADOPTED
    assert newest(world.store).version != shipped
    who = world.token(world.person(Role.LEAD))
    learnt = world.inbox.tones.learning(who)
    (one,) = learnt.attempts
    assert (one.in_use, one.usable, learnt.shipped, learnt.n_corrections) == (True, True, False, 120)
    assert one.n_learnt + one.n_held == 120
    assert one.after.share.hits - one.before.share.hits == one.better - one.worse > 0
    assert refitting.tick(world.store, SETTINGS, world.clock()) is None, "once a night"
    assert night(world, later) is None, "nothing new to learn from"
    with world.store.read() as conn:
        told = conn.execute(select(event.c.action, event.c.after).where(event.c.object_type == "tone_model")).one()
    assert told.action == "tone_model_adopted"
    assert told.after["facts"] == {"model": one.night.isoformat(), "was": "shipped"}


def test_with_few_corrections_the_attempt_is_recorded_and_nothing_changes(world: World, later: Later) -> None:
    assert night(world, later) is None, "nothing was corrected"
    corrected(world, 5, "negative")
    assert night(world, later) is Outcome.FEW
    assert used(world) is None
    corrected(world, 1, "negative")
    assert night(world, later) is Outcome.FEW
    with world.store.read() as conn:
        assert [one.n_learnt + one.n_held for one in attempts(conn, limit=9)] == [6, 5]


@pytest.mark.slow
def test_what_gains_on_corrections_and_loses_on_the_random_sample_is_refused(world: World, later: Later) -> None:
    asked = [f"Ik heb een vraag over factuur {n}?" for n in range(MIN_SAMPLE)]
    bring(world, *asked)
    later(days=25)
    sampling.tick(world.store, SETTINGS, world.clock())
    who = world.token(world.person())
    while (text := world.inbox.tones.next_text(who)) is not None:
        world.inbox.tones.label(who, text.month, text.place, "neutral")
    corrected(world, 120, "negative")
    assert night(world, later) is Outcome.SAMPLE_WORSE
    assert used(world) is None


def test_a_labelled_sample_says_how_sure_the_new_model_may_be_and_changes_none_of_its_weights() -> None:
    said = [Correction(n, None, f"Een vraag over {n}?", "nl", None, "negative") for n in range(40)]
    tones = ("negative", "neutral", "positive")
    drawn = [Correction(n, None, f"Wat een fijne dag {n}", "nl", None, tones[n % 3]) for n in range(120)]
    plain, told = (
        Model.from_json(
            refitting.attempt(
                said,
                sampled,
                committed(),
                NO_WORDS,
                night=date(2026, 11, 1),
                at=datetime(2026, 11, 1, tzinfo=UTC),
                told="",
            ).model
        )
        for sampled in ([], drawn)
    )
    assert told.weights == plain.weights
    assert told.temperature > plain.temperature


def test_a_person_may_go_back_and_forth(world: World, later: Later) -> None:
    corrected(world, 120, "negative")
    night(world, later)
    adopted = used(world)
    assert adopted is not None
    who = world.token(world.person(Role.LEAD))
    learnt = newest(world.store).version
    for _ in range(2):
        world.inbox.tones.use_model(who, None)
    assert newest(world.store).version == tier_one().version
    assert night(world, later) is None, "the same corrections do not bring it back"
    who = world.token(world.person(Role.LEAD))
    world.inbox.tones.use_model(who, adopted)
    assert newest(world.store).version == learnt
    with world.store.read() as conn:
        told = conn.execute(select(event.c.action).where(event.c.object_type == "tone_model").order_by(event.c.id))
        assert list(told.scalars()) == ["tone_model_adopted", "tone_model_chosen", "tone_model_chosen"]
    with pytest.raises(NotFound):
        world.inbox.tones.use_model(who, adopted - timedelta(days=1))
    with pytest.raises(NotAllowed):
        world.inbox.tones.use_model(world.token(world.person()), None)


def test_of_two_workers_in_one_night_one_writes(world: World, later: Later) -> None:
    corrected(world, 5, "negative")
    late = world.clock()
    assert night(world, later) is Outcome.FEW
    row = one_more(late.date() + timedelta(days=1))
    assert not world.store.write_again(lambda conn: refitting._keep(world.desk, conn, row))


def one_more(at: date) -> ToneFitRow:
    """The attempt of a worker that was slower."""
    said = [Correction(1, None, "Slecht", "nl", None, "negative")]
    moment = datetime.combine(at, datetime.min.time()).astimezone()
    return refitting.attempt(said, [], committed(), NO_WORDS, night=at, at=moment, told="x")


def test_a_model_that_this_version_cannot_read_does_not_count_and_is_shown_so(world: World, later: Later) -> None:
    corrected(world, 120, "negative")
    night(world, later)
    with world.store.write() as conn:
        conn.execute(tone_fit.update().values(model='{"weights": {"of another version": [0, 0, 0]}}'))
    assert newest(world.store).version == tier_one().version
    learnt = world.inbox.tones.learning(world.token(world.person()))
    assert (learnt.shipped, learnt.attempts[0].usable, learnt.attempts[0].in_use) == (True, False, False)
    with pytest.raises(NotFound):
        world.inbox.tones.use_model(world.token(world.person(Role.LEAD)), learnt.attempts[0].night)
