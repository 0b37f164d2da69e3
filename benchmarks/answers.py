"""How good the answers are on what lies in the repository: languages, sentiment and planted personal data.

The sentences are the seeds of sentiment. Languages were never fitted on them; sentiment is asked of models that were
fitted on the other nine tenths, and of the shipped ones on the sets of `sentiment_sets`. What is measured on other
people's sets stands in docs/understanding.md.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from stdnum import luhn
from stdnum.nl import bsn

from benchmarks import sentiment_sets
from benchmarks.report import Figures
from understanding.evaluating.answers import languages_told, sentiment_told
from understanding.evaluating.lines import LanguageLine, SentimentLine
from understanding.language import DetectorName, detector_of
from understanding.measuring import Judged, measured
from understanding.pii import Pii, find_pii
from understanding.prepared import prepare
from understanding.sentiment import Labelled, fit, seeds, tier_one
from understanding.sentiment.measure import CLASSES

T = TypeVar("T")
PLANTED = 2_000
_LANGUAGES = ("nl", "en", "de", "fr")
_FOLDS = 10
_BARS: Mapping[DetectorName, tuple[float, float, float]] = {
    "py3langid": (97.4, 96.5, 17_000),
    "langdetect": (94.5, 93.5, 0),
}
"""Asked of each detector: share right of clean and of disturbed texts in per cent, and texts a second."""
_MEANT = ("ordernummer is 4488213", "3512 AB", "bestelling 20441", "order 20441", "klantnr 4410982")
"""What is personal data in the texts in which nothing is planted: a number of an order or customer, an address."""
_FALSE_PER_1000 = 1.0
"""Hits on texts without personal data that are borne, of a thousand texts."""


def run(planted: int = PLANTED) -> list[Figures]:
    """Measure all; `planted` is how many items of personal data are planted of each kind."""
    known = list(seeds())
    return [_languages(known), _sentiment(known), sentiment_sets.run(), _personal(planted, known)]


def _languages(known: Sequence[Labelled]) -> Figures:
    """Seeds of 10 to 280 code points with letters, and the Dutch sets; as they are, and disturbed."""
    written = _messages(known)
    clean = [line for line in written if 10 <= len(line.text) <= 280 and any(map(str.isalpha, line.text))]
    rng = random.Random(17)
    found = Figures(
        f"Languages of {len(clean):,} messages of 10 to 280 characters",
        ("detector, texts", "right %", "from %", "to %", "macro-F1", "sure %", "right when sure %", "texts/s", "bar %"),
    )
    noisy = [LanguageLine(_disturbed(line.text, rng), line.lang) for line in clean]
    for name, (*bars, quick) in _BARS.items():
        detector = detector_of(name, _LANGUAGES)
        list(languages_told(clean[:1], detector))
        for texts, lines, bar in (("clean", clean, bars[0]), ("disturbed", noisy, bars[1])):
            figures = measured(languages_told(lines, detector), _LANGUAGES)
            ready = [prepare(line.text) for line in lines]  # every step reads that, so it counts for none
            _, speed = _asked(partial(map, detector.detect, ready), len(lines))
            low, high = figures.right.interval
            found.add(
                f"{name}, {texts}", 100 * figures.right.value, 100 * low, 100 * high, 100 * figures.macro_f1,
                100 * figures.sure.value, 100 * figures.right_when_sure.value, speed, bar,
            )  # fmt: skip
            if 100 * figures.right.value < bar:
                found.missed.append(f"{name}: {100 * figures.right.value:.1f} % of {texts} texts right, asked {bar}")
            if speed < quick:
                found.missed.append(f"{name}: {speed:,.0f} texts a second, asked {quick:,}")
    return found


def _messages(known: Sequence[Labelled]) -> list[LanguageLine]:
    """The seeds and the Dutch sets."""
    written = [LanguageLine(each.text, each.lang) for each in known]
    return written + [LanguageLine(line.text, line.lang) for line in sentiment_sets.all_lines()]


def _disturbed(text: str, rng: random.Random) -> str:
    """Typed in a hurry: one letter in twenty left out, doubled or swapped; lower case; a name, a tag, an emoji."""
    letters = list(text.lower() if rng.random() < 0.5 else text)
    for at in range(len(letters) - 1):
        if letters[at].isalpha() and rng.random() < 0.05:
            change = rng.randrange(3)
            if change == 0:
                letters[at] = ""
            elif change == 1:
                letters[at] *= 2
            else:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
    before, after = rng.choice(("", "@acme ")), rng.choice(("", " #acme", " \U0001f614", " https://acme.example/x"))
    return f"{before}{''.join(letters)}{after}"


def _sentiment(known: Sequence[Labelled]) -> Figures:
    """Tier 1 in ten folds: every sentence is scored by a model that has not seen it."""
    detector = detector_of("py3langid", _LANGUAGES)
    judged: dict[str, list[Judged]] = {lang: [] for lang in _LANGUAGES}
    for fold in range(_FOLDS):
        scorer = tier_one(model=fit(each for at, each in enumerate(known) if at % _FOLDS != fold))
        for each in known[fold::_FOLDS]:
            judged[each.lang] += sentiment_told([SentimentLine(each.text, each.label, each.lang)], scorer, detector)
    found = Figures(
        "Sentiment of the seed sentences, tier 1, ten folds",
        ("language", "n", "right %", "from %", "to %", "macro-F1", "calibration error", "sure %", "right when sure %"),
    )
    for name, some in (*judged.items(), ("all", [one for each in judged.values() for one in each])):
        figures = measured(some, tuple(CLASSES.values()))
        low, high = figures.right.interval
        found.add(
            name, figures.right.n, 100 * figures.right.value, 100 * low, 100 * high, 100 * figures.macro_f1,
            figures.calibration_error, 100 * figures.sure.value, 100 * figures.right_when_sure.value,
        )  # fmt: skip
    return found


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _iban(rng: random.Random) -> str:
    account = f"{rng.choice(('ABNA', 'INGB', 'RABO', 'TRIO'))}{_digits(rng, 10)}"
    number = "".join(str(int(sign, 36)) for sign in f"{account}NL00")
    whole = f"NL{98 - int(number) % 97:02d}{account}"
    return whole if rng.random() < 0.5 else " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def _bsn(rng: random.Random) -> str:
    while not bsn.is_valid(number := _digits(rng, 9)):
        pass
    return f"{rng.choice(('bsn', 'burgerservicenummer', 'BSN:'))} {number}"


def _card(rng: random.Random) -> str:
    body = f"4{_digits(rng, 14)}"
    whole = body + luhn.calc_check_digit(body)
    return rng.choice((whole, " ".join(whole[at : at + 4] for at in range(0, 16, 4))))


PLANTS: Mapping[Pii, Callable[[random.Random], str]] = {
    Pii.IBAN: _iban,
    Pii.BSN: _bsn,
    Pii.CARD: _card,
    Pii.EMAIL: lambda rng: f"{rng.choice(('jan', 'm.devries', 'noor_88'))}{rng.randrange(999)}@mail.example",
    Pii.PHONE: lambda rng: rng.choice(("06-{}", "06 {}", "+316{}", "0031 6 {}")).format(_digits(rng, 7) + "1"),
    Pii.ORDER: lambda rng: (
        f"{rng.choice(('ordernummer', 'klantnr.', 'factuurnummer:'))} {rng.randrange(10_000, 10**8)}"
    ),
    Pii.ADDRESS: lambda rng: f"{rng.randrange(1_000, 9_999)} {rng.choice(('AB', 'KL', 'XZ'))} {rng.randrange(1, 400)}",
}
"""One item of each kind as people write it, from a generator of chance."""


def _personal(count: int, known: Sequence[Labelled]) -> Figures:
    found = Figures(f"Personal data, {count:,} planted of each kind in sentences", ("kind", "found %", "n", "texts/s"))
    rng = random.Random(21)
    for kind, plant in PLANTS.items():
        texts = [f"{known[rng.randrange(len(known))].text} {plant(rng)} graag." for _ in range(count)]
        hits, speed = _asked(lambda texts=texts: map(find_pii, texts), count)
        found.add(kind.value, 100 * sum(any(one.kind is kind for one in each) for each in hits) / count, count, speed)
    texts = [each.text for each in _messages(known) if not any(meant in each.text for meant in _MEANT)]
    clean, speed = _asked(lambda: map(find_pii, texts), len(texts))
    false = sum(map(bool, clean))
    found.add("nothing planted: found all the same", 100 * false / len(texts), len(texts), speed)
    if 1_000 * false / len(texts) >= _FALSE_PER_1000:
        found.missed.append(f"personal data found in {false} of {len(texts):,} texts that hold none")
    return found


def _asked(ask: Callable[[], Iterable[T]], count: int) -> tuple[list[T], float]:
    start = time.thread_time()
    answers = list(ask())
    return answers, count / (time.thread_time() - start)
