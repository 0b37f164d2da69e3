"""Language by py3langid: naive Bayes over byte n-grams, told which languages to expect.

One walk over the bytes of a text scores the expected languages and the others that are written most. Among the expected
ones the scores name the likeliest; over all of them they tell when a text is plainly in another language.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from understanding.language.answer import UNDETERMINED, Language
from understanding.language.ngrams import Ngrams
from understanding.prepared import Prepared

OTHERS = tuple(
    "af ar be bg bn ca cs cy da de el en es et eu fa fi fr fy ga gl he hi hr hu hy id is it ja ka kk ko lb lt lv mk ms"  # noqa: SIM905
    " nl no pl pt ro ru sk sl so sq sr sv sw ta te th tr uk ur vi zh".split()
)
"""Languages that are noticed besides the expected ones: all 140 of the model cost three times as much."""

_LETTERS = re.compile(r"(?:[^\W\d_].*?){3}", re.DOTALL)
_MAX_CODE_POINTS = 160
"""Prose that is read: of 4,000 whole sentences reading more changed no answer."""
_OURS_AT_MOST = 0.02
_LETTERS_TO_TELL = 20
_OURS_HARDLY = 0.0001


class LangidDetector:
    """py3langid among the expected languages. Safe to share between threads; its model takes about 80 MB, once.

    Another language is the answer when the expected ones together have at most 0.02 of the chances and the text has at
    least 20 letters, or when they have next to none (another script). `docs/understanding.md` says how often that is
    right and wrong.

    Args:
        languages: ISO 639-1 codes expected here, which `check_languages` has seen.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        expected = tuple(dict.fromkeys(languages))
        self._model = _model(expected)
        self._ours = len(expected)
        self.version = f"py3langid 2 {' '.join(sorted(expected))}"

    def detect(self, text: Prepared) -> Language:
        """Name the likeliest language of a text; links, names and tags are not read."""
        return self.detect_each([text])[0]

    def detect_each(self, texts: Sequence[Prepared]) -> list[Language]:
        """Name the likeliest language of each text. Many together cost half of what they cost one by one."""
        proses = [text.prose[:_MAX_CODE_POINTS] for text in texts]
        told = [place for place, prose in enumerate(proses) if _LETTERS.search(prose)]
        encoded = [_encoded(proses[place]) for place in told]
        answers = [Language(UNDETERMINED, 0.0)] * len(texts)
        for place, scores in zip(told, self._model.scores(encoded), strict=True):
            if scores is not None:
                answers[place] = self._answer(proses[place], scores)
        return answers

    def _answer(self, prose: str, scores: NDArray[np.float32]) -> Language:
        best = int(scores.argmax())
        if best >= self._ours:
            chances = np.exp(scores - scores[best])
            total = float(chances.sum())
            share = float(chances[: self._ours].sum()) / total
            if share <= _OURS_HARDLY or (share <= _OURS_AT_MOST and sum(map(str.isalpha, prose)) >= _LETTERS_TO_TELL):
                return Language(self._model.codes[best], 1.0 / total)
        ours = scores[: self._ours]
        best = int(ours.argmax())
        return Language(self._model.codes[best], 1.0 / float(np.exp(ours - ours[best]).sum()))


def _encoded(prose: str) -> bytes:
    return (prose.lower() if prose.isupper() else prose).encode("utf-8", "surrogatepass")


class _Model(NamedTuple):
    """The n-grams of the library's model, and what they weigh in some languages: a row of `weights` for each."""

    ngrams: Ngrams
    codes: tuple[str, ...]
    weights: NDArray[np.float32]
    prior: NDArray[np.float32]

    def scores(self, encoded: Sequence[bytes]) -> Iterator[NDArray[np.float32] | None]:
        """Log-chances of each language for each text, drawn together as the library does; None without any n-gram."""
        for letters, (places, times) in zip(encoded, self.ngrams.counts(encoded), strict=True):
            if len(places):
                sums = np.log1p(times) @ self.weights.take(places, axis=0) + self.prior
                scores: NDArray[np.float32] = sums / np.float32(math.sqrt(len(letters)))
                yield scores
            else:
                yield None


@lru_cache(maxsize=4)
def _model(expected: tuple[str, ...]) -> _Model:
    """The weights of the expected languages, in their order, and of the others behind them."""
    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    codes = tuple(dict.fromkeys((*expected, *OTHERS)))
    columns = [whole.nb_classes.index(code) for code in codes]
    weights = np.ascontiguousarray(whole.nb_ptc[:, columns], np.float32)
    return _Model(Ngrams(whole), codes, weights, whole.nb_pc[columns])
