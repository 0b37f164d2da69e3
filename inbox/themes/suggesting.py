"""Which themes a conversation may raise: chips for the agent, from queries and from what was learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row

from inbox.desk import Desk
from inbox.themes import linking
from inbox.themes.known import known
from inbox.themes.views import Chip, ThemeRef, ThemesOf
from inbox.views import CurrentUser, Done
from store import ruling, theming
from understanding.themes.learning import Learned
from understanding.themes.suggesting import suggest

MOST_MESSAGES = 3
"""Of the customer: what a conversation is about is said at its start."""


def themes_of(conn: Connection, conversation_id: int) -> ThemesOf:
    """What a conversation raises, and at most two themes that it may raise."""
    now_known = known(conn)
    linked = theming.themes_of(conn, [conversation_id]).get(conversation_id, ())
    names = {row.id: row.name for row in theming.all_themes(conn)} if linked else {}
    shown = tuple(ThemeRef(theme_id, names.get(theme_id, "")) for theme_id in linked)
    if not now_known.rows:
        return ThemesOf(shown)
    messages = ruling.messages_of(conn, [conversation_id])
    text, lang = words_of(messages)
    said = theming.verdicts_of(conn, conversation_id)
    refused = {theme_id for theme_id, verdict in said.items() if verdict in linking.REFUSED}
    hits = {
        theme_id: now_known.words(theme_id, text)
        for one in messages[:MOST_MESSAGES]
        for theme_id in now_known.raised(one.title, one.text)
    }
    learned = newest(conn)
    unknown = () if learned is None else [one for one in learned.theme_ids if one not in now_known.rows]
    found = suggest(text, lang, learned, hits=hits, without={*linked, *refused, *unknown})
    chips = tuple(Chip(one.theme_id, now_known.rows[one.theme_id].name, one.confidence, one.because) for one in found)
    return ThemesOf(shown, chips)


def accept_in(desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, place: int) -> Done | None:
    """Link to the suggestion in a place (1, 2), inside the caller's transaction; None when there is none."""
    chips = themes_of(conn, conversation_id).suggested
    if not 1 <= place <= len(chips):
        return None
    chip = chips[place - 1]
    pressed = linking.Suggested(chip.confidence, place)
    return linking.link_in(desk, conn, user, conversation_id, chip.id, suggested=pressed)


def words_of(messages: Sequence[Row[Any]]) -> tuple[str, str]:
    """The text that themes are told from, and its language: the first messages, titles with them."""
    some = messages[:MOST_MESSAGES]
    parts = [part for one in some for part in (one.title, one.text) if part]
    return "\n".join(parts), (some[0].lang if some else "und")


def newest(conn: Connection) -> Learned | None:
    """What was learned last; read anew only when there is something newer."""
    model_id = theming.newest_model_id(conn)
    if model_id is None:
        return None
    before = _read.get(conn.engine)
    if before is None or before[0] != model_id:
        row = theming.newest_model(conn)
        before = (model_id, None if row is None else Learned.from_json((row.document or {}).get("learned")))
        _read[conn.engine] = before
    return before[1]


_read: WeakKeyDictionary[Engine, tuple[int, Learned | None]] = WeakKeyDictionary()
