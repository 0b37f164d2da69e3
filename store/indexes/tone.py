"""Of the sentiment: adjusted words, corrections, samples that people label."""

from __future__ import annotations

from store.indexes.shape import Index

TONE: tuple[Index, ...] = (
    Index(
        "ix_tone_word_now",
        "tone_word",
        ("word", "lang"),
        ("store.tone_words.standing",),
        "the words that count now, and that the same one is not said twice at once",
        where="ended_at IS NULL",
        unique=True,
    ),
    Index(
        "ix_label_item_mention",
        "label_item",
        ("mention_id",),
        ("store.corrections.to_learn_from",),
        "whether a corrected mention is held out, because it is part of a sample",
    ),
    Index(
        "ix_mention_corrected",
        "mention",
        ("id",),
        ("store.corrections.to_learn_from",),
        "what agents corrected, a few among all mentions",
        where="sentiment_corrected_by IS NOT NULL",
    ),
)
