"""Language by langdetect, told which languages to expect.

Bare `langdetect.detect()` calls half of the short Dutch texts Afrikaans and answers differently on each run; loaded
with only the expected languages and a fixed seed it is right on 95 % of them, and the same every time.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import langdetect
from langdetect.detector import Detector as Detecting
from langdetect.detector_factory import DetectorFactory

from understanding.language.answer import UNDETERMINED, Language
from understanding.prepared import Prepared

_MIN_LETTERS = 3
_MAX_CODE_POINTS = 5_000
_NOT_PROSE = re.compile(r"[\W\d_]+")
_TRIALS = 7
_LOOK_EVERY = 5
_WORDS_KEPT = 20_000
_LONGEST_KEPT_WORD = 40


class LangdetectDetector:
    """langdetect, restricted to the expected languages and seeded, so that the same text gives the same answer.

    Does not notice other languages: a Spanish text gets the nearest configured one.

    The library spends nine tenths of its time on finding the n-grams of a text letter by letter, over and over for
    the same words. Here those of a word are kept. The draws and sums are the library's, number by number, so the
    answers are too; a test holds that.

    Args:
        languages: ISO 639-1 codes expected here, which `check_languages` has seen.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        folder = Path(langdetect.__file__).parent / "profiles"
        self.version = f"langdetect 1 {' '.join(sorted(set(languages)))}"
        self._only = languages[0] if len(set(languages)) == 1 else None
        self._factory = DetectorFactory()
        self._factory.set_seed(0)
        self._factory.load_json_profile([(folder / code).read_text("utf-8") for code in dict.fromkeys(languages)])
        self._kept = lru_cache(_WORDS_KEPT)(self._read)

    def detect(self, text: Prepared) -> Language:
        """Name the likeliest language of a text; links, names and tags are not read."""
        prose = _NOT_PROSE.sub(" ", text.prose[:_MAX_CODE_POINTS]).strip()
        if prose.isupper():  # the library leaves out words in capitals, as if they were names
            prose = prose.lower()
        if len(prose) < _MIN_LETTERS:
            return Language(UNDETERMINED, 0.0)
        if self._only is not None:
            return Language(self._only, 1.0)
        chances = self._chances(prose)
        best = max(chances, default=0.0)
        if best <= Detecting.PROB_THRESHOLD:
            return Language(UNDETERMINED, 0.0)
        return Language(self._factory.langlist[chances.index(best)], min(1.0, best))

    def detect_each(self, texts: Sequence[Prepared]) -> list[Language]:
        """Name the likeliest language of each text; one by one is no dearer here."""
        return [self.detect(text) for text in texts]

    def _chances(self, prose: str) -> list[float]:
        """The chance of each language, in the order of the factory's list; empty when nothing in the text tells."""
        if not prose.isascii():
            detector = self._factory.create()
            detector.text = prose
            detector.cleaning_text()  # drops the Latin words of a text in another script
            prose = detector.text
        *words, last = prose.split(" ")
        weights = [each for word in words for each in self._weights(f"{word} ")]
        weights += self._weights(last)
        if not weights:
            return []
        draws = random.Random(self._factory.seed)  # noqa: S311  sampling, repeated alike for every text
        count = len(self._factory.langlist)
        mean = [0.0] * count
        for _ in range(_TRIALS):
            smoothing = Detecting.ALPHA_DEFAULT + draws.gauss(0.0, 1.0) * Detecting.ALPHA_WIDTH
            chances = _sample(weights, draws, smoothing / Detecting.BASE_FREQ, count)
            mean = [so_far + chance / _TRIALS for so_far, chance in zip(mean, chances, strict=True)]
        return mean

    def _weights(self, piece: str) -> tuple[list[float], ...]:
        """How often each n-gram of a word stands in each language; a word with its space at the end."""
        return self._kept(piece) if len(piece) <= _LONGEST_KEPT_WORD else self._read(piece)

    def _read(self, piece: str) -> tuple[list[float], ...]:
        detector = self._factory.create()
        detector.text = piece
        return tuple(self._factory.word_lang_prob_map[each] for each in detector._extract_ngrams())  # noqa: SLF001


def _sample(weights: Sequence[list[float]], draws: random.Random, smoothing: float, count: int) -> list[float]:
    """One trial: drawn n-grams make some languages likelier until one is certain, or for a thousand draws.

    `Random.choice` draws the same numbers in the same way, at four times the cost.
    """
    size = len(weights)
    bits, draw = size.bit_length(), draws.getrandbits

    def one() -> list[float]:
        place = draw(bits)
        while place >= size:
            place = draw(bits)
        return weights[place]

    chances = [1.0 / count * (smoothing + each) for each in one()]
    for _ in range(Detecting.ITERATION_LIMIT // _LOOK_EVERY):
        total = sum(chances)
        chances = [chance / total for chance in chances]
        if max(chances) > Detecting.CONV_THRESHOLD:
            return chances
        chances = [
            chance * (smoothing + v) * (smoothing + w) * (smoothing + x) * (smoothing + y) * (smoothing + z)
            for chance, v, w, x, y, z in zip(chances, one(), one(), one(), one(), one(), strict=True)
        ]
    total = sum(chances)
    return [chance / total for chance in chances]
