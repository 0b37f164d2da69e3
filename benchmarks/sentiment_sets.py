"""Sentiment on the Dutch sets of the repository (`sets/README.md`), by both tiers, against what was asked of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.report import Figures
from understanding.evaluating.lines import SentimentLine, read_lines, sentiment_line
from understanding.measuring import Judged, macro_f1_interval, measured
from understanding.prepared import prepare
from understanding.sentiment import Scored, Scorer, tier_one
from understanding.sentiment.deep import Asked, TierTwo, tier_two
from understanding.sentiment.measure import CLASSES
from understanding.vectors import why_not

HALVES = ("development", "held-out")
_SETS = Path(__file__).parent / "sets"
_BARS: Mapping[str, tuple[float, float]] = {"tweets": (56.0, 62.0), "reviews": (60.0, 67.0)}
"""Macro-F1 asked of the first and the second tier."""
_CALIBRATED = 0.05
_TEXTS_PER_S = 20_000
_AT_ONCE = 16
_ROUNDS = 20
Score = Callable[[Sequence[SentimentLine]], list[Scored]]


def lines_of(kind: str, half: str) -> list[SentimentLine]:
    """The labelled texts of one file."""
    with (_SETS / f"nl-{kind}-{half}.jsonl").open("rb") as opened:
        return read_lines(opened, sentiment_line)[0]


def all_lines() -> list[SentimentLine]:
    """The labelled texts of all files."""
    return [line for kind in _BARS for half in HALVES for line in lines_of(kind, half)]


def run() -> Figures:
    """Score all; the second tier only where its extra is installed."""
    found = Figures(
        "Sentiment of Dutch messages in three classes",
        ("set, tier", "n", "right %", "macro-F1", "from", "to", "calibration error", "by chance", "bar"),
    )
    first = tier_one()
    tiers: list[tuple[str, int, Score]] = [("tier 1", 0, lambda lines: _one_by_one(first, lines))]
    if reason := why_not():
        found.notes.append(f"Tier 2 was not measured: {reason}.")
    else:
        second = tier_two(first)
        tiers.append(("tier 2", 1, lambda lines: _together(second, lines)))
    for name, tier, score in tiers:
        for kind, bars in _BARS.items():
            for half in HALVES:
                _add(found, f"{kind}, {half}, {name}", lines_of(kind, half), score, bars[tier])
    _speed(found, first)
    return found


def _add(found: Figures, name: str, lines: Sequence[SentimentLine], score: Score, bar: float) -> None:
    judged = [
        Judged(CLASSES[line.label], CLASSES[said.leaning], said.confidence, said.label != "unsure", len(line.text))
        for line, said in zip(lines, score(lines), strict=True)
    ]
    figures = measured(judged, tuple(CLASSES.values()))
    least, most = macro_f1_interval(judged)
    found.add(
        name, figures.right.n, 100 * figures.right.value, 100 * figures.macro_f1, 100 * least, 100 * most,
        figures.calibration_error, figures.calibration_chance, bar,
    )  # fmt: skip
    if 100 * figures.macro_f1 < bar:
        found.missed.append(f"{name}: macro-F1 {100 * figures.macro_f1:.1f}, asked {bar:.0f}")
    if figures.calibration_error > _CALIBRATED + figures.calibration_chance:
        found.notes.append(
            f"{name}: the calibration error is {figures.calibration_error:.3f}; {_CALIBRATED} is asked, "
            f"and confidences without fault would show {figures.calibration_chance:.3f} on so few."
        )


def _speed(found: Figures, scorer: Scorer) -> None:
    """Processor time of tier 1 with the words met before, as for a stream; without explanations, as inline."""
    ready = [(prepare(line.text), line.lang) for line in all_lines()]
    began = time.process_time()
    for _ in range(_ROUNDS):
        for prepared, lang in ready:
            scorer.score(prepared, lang, explain=False)
    per_s = _ROUNDS * len(ready) / (time.process_time() - began)
    found.notes.append(f"Tier 1: {per_s:,.0f} texts a second of processor time ({_TEXTS_PER_S:,} asked).")
    if per_s < _TEXTS_PER_S:
        found.missed.append(f"tier 1 scores {per_s:,.0f} texts a second, asked {_TEXTS_PER_S:,}")


def _one_by_one(scorer: Scorer, lines: Sequence[SentimentLine]) -> list[Scored]:
    return [scorer.score(prepare(line.text), line.lang, explain=False) for line in lines]


def _together(scorer: TierTwo, lines: Sequence[SentimentLine]) -> list[Scored]:
    asked = [Asked(prepare(line.text), line.lang) for line in lines]
    return [
        said
        for at in range(0, len(asked), _AT_ONCE)
        for said in scorer.score_many(asked[at : at + _AT_ONCE], explain=False)
    ]
