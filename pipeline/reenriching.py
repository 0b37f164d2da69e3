"""Reading kept mentions again, where another version read them: their language, their sentiment, or both.

What brands a mention is about is not read again, because that belongs to the queries; nor what it repeats, because
people have worked with what was folded.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from pipeline.again import NewestFirst
from pipeline.meaning import Meaning, Part, outdated, renewed
from store.commit.inheriting import INHERITED
from store.enriching import ROWS, Enriched
from understanding.language import SURE, UNDETERMINED, Language
from understanding.prepared import prepare
from understanding.sentiment import scored_text

AGAIN: tuple[Part, ...] = ("language", "sentiment")
"""The parts that can be read again."""


class Reenrichment(NewestFirst):
    """Work for `pipeline.again`: reads anew what another version read.

    Args:
        meaning: what reads now.
        parts: which parts; the others keep their version.
        name: of the work; work of another name goes its own way over the same mentions.
        source_id: only mentions of this source.
        since: only mentions said since, aware UTC.
    """

    rows = ROWS

    def __init__(
        self,
        meaning: Meaning,
        *,
        parts: Collection[Part] = AGAIN,
        name: str = "enrichment",
        source_id: str | None = None,
        since: datetime | None = None,
    ) -> None:
        self._meaning = meaning
        self._parts = frozenset(parts)
        self._source_id = source_id
        self.name = name
        self.since = since
        asked = (*sorted(parts), source_id or "", "" if since is None else since.isoformat())
        self.aim = " ".join((renewed(None, meaning.code, self._parts), *asked)).rstrip()

    def wants(self, row: Row[Any]) -> bool:
        """Whether a mention was read by another version."""
        return (
            row.deleted_at is None
            and self._source_id in (None, row.source_id)
            and (self.since is None or row.sort_at >= self.since)
            and bool(outdated(row.enriched, self._meaning.code, self._parts))
        )

    def derive(self, told: Sequence[Row[Any]]) -> Sequence[Enriched]:
        """Read mentions anew."""
        langs = self._meaning.languages(
            [prepare(row.text or row.title or "") for row in told], hints=map(_told_by_platform, told)
        )
        return [self._again(row, language) for row, language in zip(told, langs, strict=True)]

    def _again(self, row: Row[Any], language: Language) -> Enriched:
        stale = outdated(row.enriched, self._meaning.code, self._parts)
        lang, confidence = None, None
        if "language" in stale:
            lang, confidence = language.code, language.confidence
        sentiment = None
        if "sentiment" in stale and row.direction == "inbound":
            whole = prepare(scored_text(row.title, row.text))
            sentiment = self._meaning.sentiment(whole, lang or row.lang, rating=row.rating)
        return Enriched(
            row.id,
            revision=row.revision,
            lang=lang,
            lang_confidence=confidence,
            sentiment=sentiment,
            enriched=renewed(row.enriched, self._meaning.code, stale),
        )


def _told_by_platform(row: Row[Any]) -> str | None:
    """The language that the platform told, which stands where no detector was sure and nothing was inherited."""
    sure = row.lang_confidence is not None and row.lang_confidence >= SURE
    return None if sure or row.lang == UNDETERMINED or INHERITED in (row.flags or ()) else row.lang
