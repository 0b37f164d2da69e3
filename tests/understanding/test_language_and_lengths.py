"""Language, lengths, links and duplicate keys."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import langdetect
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from understanding.duplicates import exact_key
from understanding.language import LangdetectDetector, UnknownLanguageError
from understanding.lengths import length
from understanding.links import canonical, links, web_url

DETECTOR = LangdetectDetector(["nl", "en", "de", "fr"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mijn bestelling is nog steeds niet binnen", "nl"),
        ("Wanneer wordt de storing opgelost?", "nl"),
        ("My order still has not arrived", "en"),
        ("Ich warte seit drei Wochen auf mein Paket", "de"),
        ("Je n'ai toujours rien reçu", "fr"),
        ("@acme https://acme.nl/xyz mijn pakket is weer niet gekomen #pech", "nl"),
    ],
)
def test_the_language_of_ordinary_sentences_is_named(text: str, code: str) -> None:
    assert DETECTOR.detect(text).code == code


@pytest.mark.parametrize("text", ["", "😀😀", "12345", "https://acme.nl/een/lange/link", "@acme #nl"])
def test_a_text_without_words_is_undetermined(text: str) -> None:
    assert DETECTOR.detect(text).code == "und"


def test_the_same_text_gets_the_same_answer_every_time() -> None:
    assert len({DETECTOR.detect("lekker bezig").confidence for _ in range(20)}) == 1


def test_a_language_without_a_profile_is_refused_by_name() -> None:
    with pytest.raises(UnknownLanguageError, match="xx"):
        LangdetectDetector(["nl", "xx"])


def test_lengths_are_counted_in_the_platforms_own_units() -> None:
    family = "👨‍👩‍👧‍👦"
    assert length(family, "graphemes") == 1
    assert length(family, "code_points") == 7
    assert length(family, "utf16") == 11
    assert length(family, "bytes") == 25


def test_every_link_counts_for_what_the_platform_says() -> None:
    assert length("zie https://acme.nl/een/heel/lange/link.", "code_points", link_length=23) == 4 + 23 + 1


@given(st.text(max_size=100))
def test_units_are_ordered_from_coarse_to_fine(text: str) -> None:
    assert length(text, "graphemes") <= length(text, "code_points") <= length(text, "utf16") <= length(text, "bytes")


def test_links_leave_the_sentences_punctuation_behind() -> None:
    assert links("Zie (https://a.nl/x_(y)) en http://b.nl/z?q=1.") == ["https://a.nl/x_(y)", "http://b.nl/z?q=1"]


def test_one_page_has_one_spelling() -> None:
    assert canonical("HTTPS://Acme.NL/x?utm_source=a&b=2&a=1#top") == canonical("https://acme.nl/x?a=1&b=2")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://a.nl", "https://", "//a.nl", "https://u:p@a.nl/", "http://[x"]
)
def test_only_web_pages_without_credentials_become_links(url: str) -> None:
    assert web_url(url) is None


def test_copies_with_another_link_case_or_repost_mark_share_a_key() -> None:
    original = "De app van Acme klapt er elke ochtend uit https://t.example/1"
    copy = "RT: de APP van acme klapt er elke ochtend uit! https://t.example/2"
    assert exact_key(original) == exact_key(copy) is not None


def test_short_texts_are_never_folded() -> None:
    assert exact_key("Bedankt voor de hulp!") is None


def test_keys_fit_a_signed_64_bit_column() -> None:
    key = exact_key("een twee drie vier vijf zes zeven")
    assert key is not None
    assert -(2**63) <= key < 2**63


@cache
def _factory(*codes: str) -> DetectorFactory:
    factory = DetectorFactory()
    factory.set_seed(0)
    folder = Path(langdetect.__file__).parent / "profiles"
    factory.load_json_profile([(folder / code).read_text("utf-8") for code in codes])
    return factory


def _by_the_library(text: str, codes: list[str]) -> tuple[str, float]:
    """What langdetect itself says of a text, asked as its manual says."""
    detector = _factory(*codes).create()
    detector.append(text)
    try:
        found = detector.get_probabilities()
    except LangDetectException:  # no n-gram in the text
        return "und", 0.0
    if not found or found[0].prob < 0.5:
        return "und", found[0].prob if found else 0.0
    return found[0].lang, min(1.0, found[0].prob)


@pytest.mark.parametrize(
    "text",
    [
        "Mijn bestelling is nog steeds niet binnen en niemand antwoordt",
        "My ORDER still has not arrived and NOBODY answers",
        "Ça va être difficile à l été à Düsseldorf",
        "NS AH ING",
        "Где мой заказ Albert Heijn",
        "私の注文 はどこですか order",
        "a b c d e f",
        "kosten‿koper weer‿niet",
        "een heel erg lang woord " + "aansprakelijkheidsverzekering" * 4,
    ],
)
def test_answers_are_the_librarys_own_to_the_last_digit(text: str) -> None:
    codes = ["nl", "en", "de", "fr", "ru", "ja"]
    found = LangdetectDetector(codes).detect(text)
    assert (found.code, found.confidence) == _by_the_library(text, codes)


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=12), min_size=1, max_size=12))
def test_answers_are_the_librarys_own_on_any_letters(words: list[str]) -> None:
    text = " ".join(words)
    if len(text) >= 3:
        found = DETECTOR.detect(text)
        assert (found.code, found.confidence) == _by_the_library(text, ["nl", "en", "de", "fr"])
