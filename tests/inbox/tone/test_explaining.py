"""Why a message has its tone: the words that did it, with their places, for whatever people write."""

from __future__ import annotations

import pytest

from inbox.permissions import Role
from inbox.tone.views import MessageTone
from store.sentiments import Sentiment, by_tier
from tests.inbox.conftest import World
from tests.inbox.tone.conftest import bring, row


def tone_of(world: World, text: str) -> MessageTone:
    (said,) = bring(world, text)
    detail = world.inbox.detail(world.token(world.person(Role.READ_ONLY)), row(world, said).conversation_id)
    tone = detail.messages[-1].tone
    assert tone is not None
    return tone


def test_the_words_that_did_it_are_marked_with_the_way_they_pull(world: World) -> None:
    text = "Eerst slecht geholpen 😡, daarna heel vriendelijk"
    tone = tone_of(world, text)
    pulls = {text[one.start : one.end]: one.weight for one in tone.because}
    assert any("slecht" in words and weight < 0 for words, weight in pulls.items())
    assert any("vriendelijk" in words and weight > 0 for words, weight in pulls.items())
    assert tone.label == tone.machine


def test_our_own_answers_and_removed_messages_have_no_tone(world: World) -> None:
    (said,) = bring(world, "Slecht", thread="t")
    bring(world, "Wat vervelend", thread="t", direction="outbound")
    detail = world.inbox.detail(world.token(world.person()), row(world, said).conversation_id)
    assert [one.tone is None for one in detail.messages] == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "👍" * 500,
        "s\u0337l\u0336e\u0335c\u0334h\u0333t " * 50,
        "\u202eslecht\u202c goed",
        "\u0441lecht \u043f\u043b\u043e\u0445\u043e bad",
        "goed " * 20_000,
        "?",
    ],
    ids=["emoji", "zalgo", "bidi", "mixed", "long", "one sign"],
)
def test_whatever_is_written_has_its_tone_and_places_within_it(world: World, text: str) -> None:
    tone = tone_of(world, text)
    assert tone.label in {"negative", "neutral", "positive", "unsure"}
    ends = [(one.start, one.end) for one in tone.because]
    assert ends == sorted(ends)
    assert all(0 <= start < end <= len(text) for start, end in ends)


def test_words_of_the_title_are_marked_in_the_title(world: World) -> None:
    (said,) = bring(world, "Het pakket is er, fijn", title="Slechte website")
    detail = world.inbox.detail(world.token(world.person()), row(world, said).conversation_id)
    tone = detail.messages[0].tone
    assert tone is not None
    assert ["Slechte website"[one.start : one.end] for one in tone.because_title] == ["Slechte"]
    assert ["Het pakket is er, fijn"[one.start : one.end] for one in tone.because] == ["fijn"]


def test_a_tone_of_the_thorough_model_says_so(world: World) -> None:
    (said,) = bring(world, "Slecht", sentiment=Sentiment("positive", 0.8, 0.9, by_tier(2, "x")))
    detail = world.inbox.detail(world.token(world.person()), row(world, said).conversation_id)
    tone = detail.messages[0].tone
    assert tone is not None
    assert (tone.label, tone.machine, tone.thorough) == ("positive", "negative", True)
