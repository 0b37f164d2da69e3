"""Why a message has its sentiment: the words that did it, found again when somebody reads. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from inbox.tone.scoring import scored
from inbox.tone.views import MessageTone, WordMark
from store.sentiments import tier_of
from store.thread import MentionRow
from understanding.prepared import prepare
from understanding.sentiment import Scorer, scored_text

LONGEST = 20_000
"""Code points of a text that is explained; a longer one has its label without its words."""


def tone_of(row: MentionRow, scorer: Scorer, people: Mapping[int, str]) -> MessageTone | None:
    """The sentiment of a customer's message with its words; None for our own and for what was removed."""
    if row.direction != "inbound" or row.deleted_at is not None:
        return None
    by = None if row.sentiment_corrected_by is None else people.get(row.sentiment_corrected_by, "?")
    thorough = tier_of(row.sentiment_by) > 1
    if len(row.text) > LONGEST:
        return MessageTone(row.sentiment, row.sentiment_confidence, by, thorough=thorough)
    found = scored(scorer, row)
    whole = scored_text(row.title, row.text)
    if prepare(whole).text != whole:
        # Places are of the prepared text, which is the stored one unless a platform's odd characters were kept.
        return MessageTone(row.sentiment, row.sentiment_confidence, by, found.label, thorough=thorough)
    body = len(whole) - len(row.text)
    in_title = [one for one in found.because if one.end <= len(row.title or "")]
    in_text = [one for one in found.because if one.start >= body]
    return MessageTone(
        row.sentiment,
        row.sentiment_confidence,
        by,
        found.label,
        tuple(WordMark(one.start - body, one.end - body, one.weight) for one in in_text),
        tuple(WordMark(one.start, one.end, one.weight) for one in in_title),
        thorough,
    )
