"""Which themes a text may be about: by their queries, and by what was learned from links and examples."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from understanding.prepared import prepare
from understanding.themes.features import features
from understanding.themes.learning import Learned, logits

MOST = 2
QUERY = 3.0
"""What a query that matches adds to the log-odds: a theme that would be one in ten becomes two in three."""
LEAST = 0.15
"""A suggestion that is surer than this is worth a look; below it a chip is noise, unless its query matches."""
_WHY = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A theme for a text. `confidence` 0-1; `because`: words of the text that speak for it, strongest first."""

    theme_id: int
    confidence: float
    because: tuple[str, ...]


def suggest(
    text: str,
    lang: str,
    learned: Learned | None,
    *,
    hits: Mapping[int, tuple[str, ...]],
    without: Collection[int] = (),
    most: int = MOST,
) -> tuple[Suggestion, ...]:
    """The likeliest themes, surest first.

    Args:
        text: what the customer said.
        lang: its language.
        learned: None before anything was.
        hits: themes whose query the text matches, each with the words it was found by.
        without: themes that are not to be suggested (linked, declined, archived).
        most: at most so many.
    """
    found = features(prepare(text), lang)
    z = logits(learned, found) if learned is not None else {}
    usual = math.fsum(z.values()) / len(z) if z else 0.0
    for theme_id in hits:
        z[theme_id] = z.get(theme_id, usual) + QUERY
    if not z:
        return ()
    top = max(z.values())
    share = {theme_id: math.exp(value - top) for theme_id, value in z.items()}
    # Before anything was learned, a query is the only voice: there is something else it could be.
    total = math.fsum(share.values()) + (math.exp(-top) if learned is None else 0.0)
    ranked = sorted(share, key=lambda theme_id: (-share[theme_id], theme_id))
    suggestions = []
    for theme_id in ranked:
        confidence = share[theme_id] / total
        why = because(learned, found, theme_id, hits.get(theme_id, ()))
        if theme_id not in without and why and (confidence >= LEAST or theme_id in hits):
            suggestions.append(Suggestion(theme_id, confidence, why))
    return tuple(suggestions[:most])


def because(learned: Learned | None, found: Mapping[int, str], theme_id: int, hit: tuple[str, ...]) -> tuple[str, ...]:
    """The words that speak for a theme: those its query found, then those that weigh more for it than for the rest."""
    weighed: dict[str, float] = {}
    if learned is not None and theme_id in learned.theme_ids:
        at = learned.theme_ids.index(theme_id)
        for place, word in found.items():
            row = learned.weights.get(place)
            if row is not None:
                weighed[word] = weighed.get(word, 0.0) + row[at] - math.fsum(row) / len(row)
    speaking = sorted((word for word in weighed if weighed[word] > 0), key=lambda word: (-weighed[word], word))
    return tuple(dict.fromkeys([*hit, *speaking]))[:_WHY]
