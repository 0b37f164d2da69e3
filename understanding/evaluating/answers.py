"""Asking for an answer to every labelled text, and counting.

Each function gives answers one by one, so that the caller can show how far it is and measure how long it took.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from understanding.evaluating.lines import LanguageLine, QueryLine, SentimentLine
from understanding.language import SURE, Detector
from understanding.match import Document, matches
from understanding.measuring import Judged
from understanding.prepared import prepare
from understanding.query import Facts, Node, parse_query
from understanding.sentiment import Scorer
from understanding.sentiment.measure import CLASSES

MATCH, NO_MATCH = "match", "no match"


def languages_told(lines: Iterable[LanguageLine], detector: Detector) -> Iterator[Judged]:
    """What a detector makes of each text; sure where it would be believed."""
    for line in lines:
        found = detector.detect(prepare(line.text))
        yield Judged(line.lang, found.code, found.confidence, found.confidence >= SURE, len(line.text))


def sentiment_told(lines: Iterable[SentimentLine], scorer: Scorer, detector: Detector) -> Iterator[Judged]:
    """What a scorer makes of each text; the language is detected where the line does not tell it."""
    for line in lines:
        prepared = prepare(line.text)
        scored = scorer.score(prepared, line.lang or detector.detect(prepared).believed)
        yield Judged(
            CLASSES[line.label], CLASSES[scored.leaning], scored.confidence, scored.label != "unsure", len(line.text)
        )


def queries_told(lines: Iterable[QueryLine]) -> Iterator[Judged]:
    """Whether each query finds its text.

    Raises:
        QueryError: a query cannot be read.
    """
    for line in lines:
        found = matches(_parsed(line.query), Document(None, line.text, facts=Facts(text=line.text)))
        truth, said = (MATCH if yes else NO_MATCH for yes in (line.match, found))
        yield Judged(truth, said, 1.0, sure=True, length=len(line.text))


@lru_cache(maxsize=1_000)
def _parsed(query: str) -> Node:
    return parse_query(query)
