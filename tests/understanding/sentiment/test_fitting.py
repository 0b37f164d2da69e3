"""Fitting is exact to the byte; what agents correct is learnt; what cannot be fitted says why."""

from __future__ import annotations

import pytest

from understanding.prepared import prepare
from understanding.sentiment import Labelled, Model, fit, recalibrated, refit, seeds, tier_one
from understanding.sentiment.fitting import ENOUGH_DRAWN
from understanding.sentiment.model import COMMITTED, UnreadableModelError, committed


def test_fitting_the_seeds_writes_the_committed_model_byte_for_byte() -> None:
    assert fit(seeds()).to_json() + "\n" == COMMITTED.read_text("utf-8")


def test_a_model_comes_back_from_its_json_as_it_was() -> None:
    assert Model.from_json(committed().to_json()) == committed()


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"weights": {"positive": [1, 2, 3]}}', "\x00"])
def test_a_stored_model_of_other_features_is_refused_with_a_reason(broken: str) -> None:
    with pytest.raises(UnreadableModelError, match="sentiment weights"):
        Model.from_json(broken)


def test_no_corrections_leave_the_model_as_it_is() -> None:
    assert refit(committed(), []) is committed()


def test_corrections_move_the_model_and_always_in_the_same_way() -> None:
    corrections = [Labelled(f"geen {word} hier", "nl", 0) for word in ("kabel", "stroom", "beeld", "geluid")]
    corrections *= 30
    learnt = refit(committed(), corrections)
    text = prepare("geen gas hier")
    assert learnt.n_corrections == len(corrections)
    assert learnt.version != committed().version
    assert tier_one(model=learnt).score(text, "nl").score > tier_one().score(text, "nl").score
    assert refit(committed(), corrections) == learnt


DRAWN = list(seeds())[: 3 * ENOUGH_DRAWN]


def test_a_place_where_answers_are_often_wrong_makes_them_modest_and_where_they_are_right_surer() -> None:
    scorer = tier_one()
    said = [scorer.score(prepare(each.text), each.lang).leaning for each in DRAWN]
    right = [Labelled(each.text, each.lang, label) for each, label in zip(DRAWN, said, strict=True)]
    chance = [Labelled(each.text, each.lang, at % 3 - 1) for at, each in enumerate(DRAWN)]
    assert recalibrated(committed(), right).temperature < committed().temperature
    assert recalibrated(committed(), chance).temperature > committed().temperature


def test_confidences_are_fitted_without_any_answer_becoming_another_one() -> None:
    chance = [Labelled(each.text, each.lang, at % 3 - 1) for at, each in enumerate(DRAWN)]
    modest = recalibrated(committed(), chance)
    assert modest.weights == committed().weights
    was, becomes = tier_one(), tier_one(model=modest)
    for each in DRAWN:
        text = prepare(each.text)
        assert becomes.score(text, each.lang).leaning == was.score(text, each.lang).leaning
        assert becomes.score(text, each.lang).confidence <= was.score(text, each.lang).confidence


def test_a_few_drawn_texts_change_no_confidence() -> None:
    assert recalibrated(committed(), DRAWN[: ENOUGH_DRAWN - 1]) is committed()


def test_a_label_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="-1, 0 or 1"):
        fit([Labelled("hallo", "nl", 2)])
    with pytest.raises(ValueError, match="examples"):
        fit([])


def test_words_that_speak_against_pull_down_and_those_for_up_in_the_committed_model() -> None:
    negative, _, positive = committed().weights
    pulls = [b - a for a, b in zip(negative, positive, strict=True)]
    assert pulls[0] > 0 > pulls[1]
    assert pulls[2] > 0
