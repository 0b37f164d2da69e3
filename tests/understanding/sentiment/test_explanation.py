"""The words that are given as the reason are the reason."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understanding.fold import fold
from understanding.prepared import prepare
from understanding.sentiment import Scored, tier_one

_SCORER = tier_one()
_WORDS = (
    "goed",
    "slecht",
    "traag",
    "snel",
    "waardeloos",
    "storing",
    "blij",
    "boos",
    "prachtig",
    "kapot",
    "handig",
    "top",
)
_CLAUSE = st.builds(
    str.format,
    st.sampled_from(("{}", "niet {}", "heel {}", "de bus is {}", "{} dus", "echt niet {}", "maar {}")),
    st.sampled_from(_WORDS),
)
_TEXTS = st.lists(_CLAUSE, min_size=1, max_size=8).map(", ".join)


def _score(text: str) -> Scored:
    return _SCORER.score(prepare(text), "nl")


def _chance_of_negative(scored: Scored, text: str) -> float:
    # Shown are the likeliest class and the difference; the chance of negative is in the model.
    from understanding.sentiment.features import features
    from understanding.sentiment.lexicon import Lexicon
    from understanding.sentiment.model import committed

    chances = committed().chances((*features(prepare(text), Lexicon("nl")).values, 1.0))
    assert abs(chances[2] - chances[0] - scored.score) < 1e-9
    return chances[0]


@given(_TEXTS)
def test_without_the_word_that_pulls_down_most_a_text_is_no_more_negative(text: str) -> None:
    scored = _score(text)
    worst = min(scored.because, key=lambda each: each.weight, default=None)
    if worst is None or worst.weight >= 0:
        return
    marked = text[worst.start : worst.end]
    blank = " ".join("x" for _ in marked.split())
    without = f"{text[: worst.start]}{blank}{text[worst.end :]}"
    assert _chance_of_negative(_score(without), without) <= _chance_of_negative(scored, text) + 1e-9


@given(_TEXTS)
def test_every_reason_stands_in_the_text_and_names_a_word_with_feeling(text: str) -> None:
    for each in _score(text).because:
        assert 0 <= each.start < each.end <= len(text)
        assert set(fold(text[each.start : each.end]).split()) & set(_WORDS)


@given(st.lists(st.sampled_from(("goed", "prima", "fijn", "top")), min_size=1, max_size=40))
def test_praise_alone_has_reasons_above_zero_and_more_of_it_never_less_score(praise: list[str]) -> None:
    scored = _score(", ".join(praise))
    assert all(each.weight > 0 for each in scored.because)
    assert scored.score >= _score(", ".join(praise[:-1])).score - 1e-9


def test_the_negation_is_part_of_the_reason() -> None:
    prepared = prepare("Nee, dat werkt echt niet goed")
    assert [prepared.text[each.start : each.end] for each in _SCORER.score(prepared, "nl").because] == ["niet goed"]
