"""The second tier learns from corrections at night, under the guard of the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from inbox.tone import second_tier
from inbox.tone.guard import Outcome
from inbox.tone.second_tier import head_in_use
from tests.inbox.conftest import SETTINGS, World
from tests.inbox.tone.test_refitting import corrected
from understanding import vectors
from understanding.sentiment import Labelled
from understanding.sentiment.deep import Head
from understanding.sentiment.deep.head import committed

pytestmark = pytest.mark.skipif(bool(vectors.why_not()), reason=f"vectors: {vectors.why_not()}")

Later = Callable[..., datetime]
NOTHING = ((0.0,) * vectors.SIZE,) * 3


def always(*bias: float) -> Head:
    """Weights that look at nothing."""
    return Head(NOTHING, ((0.0,) * 3,) * 3, bias, 1.0)  # type: ignore[arg-type]


def night(world: World, later: Later, head: Head) -> tuple[Outcome | None, list[Labelled]]:
    later(days=1)
    taught: list[Labelled] = []

    def fit(examples: Sequence[Labelled]) -> Head:
        taught.extend(examples)
        return head

    return second_tier.tick(world.store, SETTINGS, world.clock(), fit=fit), taught


@pytest.mark.slow
def used(world: World) -> Head:
    with world.store.read() as conn:
        return head_in_use(conn)


@pytest.mark.slow
def test_it_learns_once_from_what_is_new_and_only_what_helps(world: World, later: Later) -> None:
    assert night(world, later, always(9, 0, 0)) == (None, []), "nobody corrected anything"
    corrected(world, 110, "negative")
    outcome, taught = night(world, later, always(0, 0, 9))
    assert outcome in {Outcome.WORSE, Outcome.NO_GAIN}
    assert used(world) == committed()
    assert 40 < len(taught) < 110, "a third is held back"
    assert {each.label for each in taught} == {-1}
    assert night(world, later, always(9, 0, 0)) == (None, []), "there is nothing new since"
    corrected(world, 1, "negative")
    assert night(world, later, always(9, 0, 0))[0] is Outcome.ADOPTED
    assert used(world) == always(9, 0, 0)


def test_few_corrections_change_nothing(world: World, later: Later) -> None:
    corrected(world, 6, "negative")
    assert night(world, later, always(9, 0, 0))[0] is Outcome.FEW
    assert used(world) == committed()
