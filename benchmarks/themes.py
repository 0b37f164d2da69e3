"""Themes: counting phrases, comparing two piles, holding texts against queries, learning from links, suggesting.

The first three against folding the same texts into words, which anything that reads them costs.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

from benchmarks.inputs import Texts
from benchmarks.report import Figures
from understanding.fold import words
from understanding.match import Document, Rules
from understanding.phrases import phrases
from understanding.prepared import prepare
from understanding.query import parse_query
from understanding.themes.discovery import standing_out
from understanding.themes.learning import Taught, learn
from understanding.themes.suggesting import suggest

TEXTS = 8_000
THEMES = 50
LINKS = 2_000
LEARNT_S = 1.0
"""Learning anew is to take less than that for `LINKS` links."""
_ABOUT = ("levering", "app", "nota", "wachttijd", "monteur", "tarief", "storing", "opzeggen")


def run(texts: int = TEXTS) -> list[Figures]:
    """Measure each over so many texts of 235 characters, and learning over a quarter as many links."""
    made = Texts(11)
    return [reading([made.one(number) for number in range(texts)]), learning(max(20, texts * LINKS // TEXTS))]


def reading(texts: list[str]) -> Figures:
    """Processor time of what is done behind the work for each text."""
    rules = Rules({str(number): parse_query(f'onderwerp{number} OR "te laat" x{number}*') for number in range(THEMES)})
    found = Figures(
        f"Themes: {len(texts):,} texts of 235 characters on one core",
        ("step", "CPU us a text", "times the measure"),
    )
    measure = _spent(words, texts)
    found.add("words: the measure", measure * 1e6, 1.0)
    cases: dict[str, Callable[[str], object]] = {
        "phrases of a text, taken apart first": lambda text: phrases(prepare(text), "nl"),
        f"held against the queries of {THEMES} themes": lambda text: rules.match(Document(None, text)),
    }
    for name, work in cases.items():
        each = _spent(work, texts)
        found.add(name, each * 1e6, each / measure)
    piles = Counter[str](), Counter[str]()
    for number, text in enumerate(texts):
        piles[number % 2].update(phrases(prepare(text), "nl"))
    start = time.process_time()
    standing_out(*piles)
    each = (time.process_time() - start) / len(texts)
    told = f"what stands out, one half against the other ({len(piles[0] | piles[1]):,} phrases)"
    found.add(told, each * 1e6, each / measure)
    return found


def learning(links: int) -> Figures:
    """Learning from links and suggesting by what was learned."""
    chance, made = random.Random(3), Texts(12)
    taught = [
        Taught(
            f"{made.one(number)} {chance.choice(_ABOUT)} {_ABOUT[number % 8]} {_ABOUT[number % 8]}s", "nl", number % 8
        )
        for number in range(links)
    ]
    found = Figures(
        f"Themes: learning from {links:,} links to {len(_ABOUT)} themes", ("step", "CPU ms", "bar ms", "met")
    )
    start = time.process_time()
    learned = learn(taught)
    spent = time.process_time() - start
    if spent > LEARNT_S:
        found.missed.append(f"learning from {links:,} links took {spent:.2f} s")
    found.add("learning anew", spent * 1e3, LEARNT_S * 1e3, spent <= LEARNT_S)
    each = _spent(lambda one: suggest(one, "nl", learned, hits={}), [one.text for one in taught[:500]])
    found.add("suggesting for one conversation", each * 1e3, "", "")
    return found


def _spent(work: Callable[[str], object], texts: list[str]) -> float:
    start = time.process_time()
    for text in texts:
        work(text)
    return (time.process_time() - start) / len(texts)
