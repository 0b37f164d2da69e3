"""What is read from a text of a mention, the same for what comes in and for what was kept: language and sentiment.

Pure. Each part has a version; `Versions.code` is kept with every mention, so that what an older one read can be found
and read again (`pipeline.reenriching`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, get_args

from store.sentiments import Sentiment, by_tier
from understanding.duplicates import VERSION as DUPLICATES
from understanding.language import UNDETERMINED, Detector, Language
from understanding.prepared import Prepared
from understanding.sentiment import Scorer

Part = Literal["language", "sentiment", "duplicates"]
PARTS: tuple[Part, ...] = get_args(Part)
_NEVER = "-"


@dataclass(frozen=True, slots=True)
class Versions:
    """By which versions mentions are read now. Each changes when the same text may be read otherwise."""

    language: str
    sentiment: str
    duplicates: str = DUPLICATES

    @property
    def code(self) -> str:
        """As a mention keeps it: six letters a part, so that a million of them weigh little."""
        return ".".join(blake2b(getattr(self, part).encode(), digest_size=3).hexdigest() for part in PARTS)


def outdated(code: str | None, now: str, parts: Collection[Part] = PARTS) -> frozenset[Part]:
    """The parts of a mention that another version read, or none; the codes are of `Versions.code`."""
    before = (code or "").split(".")
    if len(before) != len(PARTS):
        return frozenset(parts)
    stale = (part for part, old, new in zip(PARTS, before, now.split("."), strict=True) if old != new)
    return frozenset(stale) & frozenset(parts)


def renewed(code: str | None, now: str, parts: Collection[Part]) -> str:
    """The code of a mention some parts of which were read again."""
    before = (code or "").split(".")
    if len(before) != len(PARTS):
        before = [_NEVER] * len(PARTS)
    both = zip(PARTS, before, now.split("."), strict=True)
    return ".".join(new if part in parts else old for part, old, new in both)


class Meaning:
    """Reads language and sentiment inline. Safe to share between threads.

    Args:
        detector: names the language.
        scorer: of tier 1.
    """

    def __init__(self, detector: Detector, scorer: Scorer) -> None:
        self._detector = detector
        self._scorer = scorer
        self._by = by_tier(1, scorer.version)
        self.versions = Versions(detector.version, scorer.version)
        self.code = self.versions.code

    def languages(self, texts: Sequence[Prepared], *, hints: Iterable[str | None]) -> list[Language]:
        """What is believed of each text's language; without that what the platform says (`hints`), and else `und`."""
        return [_settled(found, hint) for found, hint in zip(self._detector.detect_each(texts), hints, strict=True)]

    def sentiment(self, text: Prepared, lang: str, *, rating: float | None = None) -> Sentiment | None:
        """The sentiment of a `scored_text`, its rating 0-1; None when nothing was said and no rating given."""
        if not text.text and rating is None:
            return None
        found = self._scorer.score(text, lang, rating=rating, explain=False)
        return Sentiment(found.label, found.score, found.confidence, self._by)


def _settled(found: Language, hint: str | None) -> Language:
    if found.believed != UNDETERMINED:
        return found
    told = (hint or "").split("-")[0].lower()
    return Language(told if len(told) == 2 and told.isalpha() else UNDETERMINED, found.confidence)
