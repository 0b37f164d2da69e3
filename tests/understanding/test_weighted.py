"""Lengths as X counts them, against twitter-text's own test data where it is on this machine."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.contracts import text_of_contract
from understanding.lengths import length
from understanding.weighted import weighted

SUITES = ("WeightedTweetsWithDiscountedEmojiCounterTest", "UnicodeDirectionalMarkerCounterTest")


def vectors() -> list[dict[str, Any]]:
    tests = yaml.safe_load(text_of_contract("twitter-text/conformance/validate.yml"))["tests"]
    return [vector for suite in SUITES for vector in tests[suite]]


def test_the_test_data_of_twitter_text_agrees() -> None:
    found = vectors()
    assert len(found) > 20
    off = [each["description"] for each in found if weighted(each["text"]) != each["expected"]["weightedLength"]]
    assert not off


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 0),
        ("hallo", 5),
        ("één café", 8),
        ("cafe\u0301", 4),
        ("日本", 4),
        ("Привет", 6),
        ("مرحبا", 5),
        ("👍", 2),
        ("👍🏽", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🇳🇱", 2),
        ("1️⃣", 2),
        ("© 2026", 6),
        ("https://acme.example/a/very/long/path/that/goes/on?and=on", 23),
        ("kijk op acme.nl.", 8 + 23 + 1),
        ("kijk op www.acme.com/storing (nu)", 8 + 23 + 5),
        ("mail info@acme.nl", 17),
        ("eerst dit.Daarna dat", 6 + 23 + 4),  # may be an address: the higher count is taken
        ("a\r\nb", 3),
    ],
)
def test_letters_scripts_emoji_and_links(text: str, counted: int) -> None:
    assert weighted(text) == counted
    assert length(text, "weighted", link_length=23) == counted


@given(st.text(max_size=300))
def test_no_text_counts_less_than_nothing_nor_more_than_two_a_sign_and_a_link(text: str) -> None:
    assert 0 <= weighted(text) <= 2 * len(text) * 3 + 23 * text.count(".")


@pytest.mark.parametrize("piece", ["a.", "a.b/", "http://", "(", "a_a-", "x@", "1.1.1.1."])
def test_a_hostile_text_is_counted_quickly(piece: str) -> None:
    begun = time.perf_counter()
    weighted(piece * (100_000 // len(piece)))
    assert time.perf_counter() - begun < 5
