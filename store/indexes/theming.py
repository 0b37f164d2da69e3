"""Of themes: which conversations raise them, and what people said of suggestions."""

from __future__ import annotations

from store.indexes.shape import Index

THEMING: tuple[Index, ...] = (
    Index(
        "ix_conversation_theme_conversation",
        "conversation_theme",
        ("conversation_id", "theme_id"),
        ("store.theming.themes_of", "store.filters.raising"),
        "themes of a page of cards; the primary key leads with the theme",
        unique=True,
    ),
    Index(
        "ix_conversation_theme_day",
        "conversation_theme",
        ("theme_id", "day"),
        ("store.theming.raised_in", "store.said.raised_query"),
        "who raised a theme lately; a theme of years would be read whole",
    ),
    Index(
        "ix_theme_day_source",
        "theme_day",
        ("source_id", "brand_id", "day", "theme_id", "n"),
        ("store.volumes.theme_volumes",),
        "themes of a source over years; the primary key leads with the theme",
    ),
    Index(
        "ix_theme_verdict_theme",
        "theme_verdict",
        ("theme_id", "conversation_id"),
        ("store.theming.verdicts_on",),
        "what was said of a theme; the primary key leads with the conversation",
    ),
)
