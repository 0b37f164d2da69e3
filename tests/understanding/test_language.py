"""The language of a text: two detectors, held to the same sentences."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import langdetect
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import LangDetectException
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from understanding.language import (
    LANGID_LANGUAGES,
    Detector,
    DetectorName,
    Language,
    UnknownLanguageError,
    check_languages,
    detector_of,
)
from understanding.language.by_langdetect import LangdetectDetector
from understanding.prepared import prepare

LANGUAGES = ["nl", "en", "de", "fr"]
NAMES: tuple[DetectorName, ...] = ("py3langid", "langdetect")
EXPECTED = LangdetectDetector(LANGUAGES)


@pytest.fixture(params=NAMES, scope="module")
def detector(request: pytest.FixtureRequest) -> Detector:
    return detector_of(request.param, LANGUAGES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mijn bestelling is nog steeds niet binnen", "nl"),
        ("Wanneer wordt de storing opgelost?", "nl"),
        ("WAAROM NEEMT NIEMAND DE TELEFOON OP", "nl"),
        ("My order still has not arrived", "en"),
        ("Ich warte seit drei Wochen auf mein Paket", "de"),
        ("Je n'ai toujours rien reçu", "fr"),
        ("@acme https://acme.nl/xyz mijn pakket is weer niet gekomen #pech", "nl"),
        ("\u202emijn pakket is weer niet gekomen\u202c 😡😡", "nl"),
    ],
)
def test_the_language_of_ordinary_sentences_is_named(detector: Detector, text: str, code: str) -> None:
    found = detector.detect(prepare(text))
    assert (found.code, found.believed) == (code, code)


@pytest.mark.parametrize(
    "text", ["", "😀😀", "12345", "1234 " * 5000, "https://acme.nl/een/lange/link", "@acme #nl", "a\u0300"]
)
def test_a_text_without_words_is_undetermined(detector: Detector, text: str) -> None:
    assert detector.detect(prepare(text)) == Language("und", 0.0)


def test_an_unsure_answer_is_not_believed() -> None:
    assert Language("nl", 0.49).believed == "und"
    assert Language("nl", 0.5).believed == "nl"


def test_the_same_text_gets_the_same_answer_every_time(detector: Detector) -> None:
    assert len({detector.detect(prepare("lekker bezig")).confidence for _ in range(20)}) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_language_that_a_detector_does_not_know_is_refused_by_name(name: DetectorName) -> None:
    with pytest.raises(UnknownLanguageError, match="xx"):
        detector_of(name, ["nl", "xx"])
    with pytest.raises(UnknownLanguageError, match="none given"):
        detector_of(name, [])


def test_what_py3langid_knows_is_what_its_model_knows() -> None:
    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    assert {label for label in model.labels if len(label) == 2} == LANGID_LANGUAGES
    check_languages("py3langid", sorted(LANGID_LANGUAGES))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Llevo tres semanas esperando mi pedido y nadie contesta al teléfono", "es"),
        ("Ik wag al drie weke vir my pakkie en niemand antwoord die foon nie", "af"),
        ("Где мой заказ? Я жду уже три недели и никто не отвечает", "ru"),
        ("注文した商品がまだ届いていません。三週間待っていますが誰も返事をくれません", "ja"),
        ("ありがとう", "ja"),
    ],
)
def test_a_text_that_is_plainly_in_another_language_says_so(text: str, code: str) -> None:
    assert detector_of("py3langid", LANGUAGES).detect(prepare(text)).code == code


def test_a_short_text_is_never_taken_for_another_language() -> None:
    found = detector_of("py3langid", ["nl", "en"]).detect(prepare("muchas gracias"))
    assert found.code in {"nl", "en", "und"}


@pytest.mark.parametrize(
    "text",
    [
        "woord " * 20_000,
        "a" * 100_000,
        "😀" * 100_000,
        "z\u0300\u0301" * 30_000,
        "\u202e" * 50_000 + "tekst",
        "\x00mijn pakket\x00",
    ],
)
def test_hostile_texts_get_an_answer(detector: Detector, text: str) -> None:
    found = detector.detect(prepare(text))
    assert 0.0 <= found.confidence <= 1.0


@given(st.text(max_size=200))
def test_any_text_gets_a_code_and_a_confidence(text: str) -> None:
    found = detector_of("py3langid", LANGUAGES).detect(prepare(text))
    assert found.code.isalpha()
    assert 0.0 <= found.confidence <= 1.0


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
    if not found:
        return "und", 0.0
    return found[0].lang, min(1.0, found[0].prob)


@pytest.mark.parametrize(
    "text",
    [
        "Mijn bestelling is nog steeds niet binnen en niemand antwoordt",
        "My ORDER still has not arrived and NOBODY answers",
        "Ça va être difficile à l été à Düsseldorf",
        "NS AH ING trein",
        "Где мой заказ Albert Heijn",
        "私の注文 はどこですか order",
        "a b c d e f",
        "kosten‿koper weer‿niet",
        "een heel erg lang woord " + "aansprakelijkheidsverzekering" * 4,
    ],
)
def test_answers_are_the_librarys_own_to_the_last_digit(text: str) -> None:
    codes = ["nl", "en", "de", "fr", "ru", "ja"]
    found = LangdetectDetector(codes).detect(prepare(text))
    assert (found.code, found.confidence) == _by_the_library(text, codes)


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=12), min_size=1, max_size=12))
def test_answers_are_the_librarys_own_on_any_letters(words: list[str]) -> None:
    text = " ".join(words)
    if len(text) >= 3 and not text.isupper():
        found = EXPECTED.detect(prepare(text))
        assert (found.code, found.confidence) == _by_the_library(text, ["nl", "en", "de", "fr"])


@given(
    st.lists(st.text(max_size=200) | st.sampled_from(["Waar blijft mijn pakket?", "muchas gracias", ""]), max_size=40)
)
def test_many_texts_together_are_told_as_each_of_them_alone(texts: list[str]) -> None:
    langid = detector_of("py3langid", LANGUAGES)
    prepared = [prepare(text) for text in texts]
    assert langid.detect_each(prepared) == [langid.detect(one) for one in prepared]
