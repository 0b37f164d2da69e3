"""What a record takes from an item, field by field: cleaned, within its bounds, and flagged where it was odd. Pure."""

from __future__ import annotations

import math
from dataclasses import fields
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from connectors.items import Author, Capabilities, Item, Kind, MediaKind
from pipeline.settings import MediaSettings, SourceSettings
from store.keys import conversation_key
from store.pictures import Left
from store.records import AuthorRecord, MediaRecord
from understanding import clean
from understanding.links import web_url

MAX_TITLE = 500
"""Code points of a title that are kept; the rest stands in the raw payload."""
MAX_TEXT = 200_000
"""Code points of a text that are kept; the rest stands in the raw payload."""
MAX_NAME = 200
_MAX_ID = 1_000
_MAX_URL = 4_000
_CAPABILITIES = tuple(each.name for each in fields(Capabilities))


class UnreadableItemError(ValueError):
    """An item without what a mention needs; the message says what is missing."""


def check_identity(item: Item) -> None:
    """See that an item can be told from others. Raises: UnreadableItemError."""
    if not item.external_id or not item.external_id.strip():
        msg = "the item has no id"
        raise UnreadableItemError(msg)
    if len(item.external_id) > _MAX_ID:
        msg = f"the item's id is {len(item.external_id):,} characters long; ids end at {_MAX_ID:,}"
        raise UnreadableItemError(msg)
    if clean.printable(item.external_id) != item.external_id or clean.printable(item.namespace) != item.namespace:
        msg = "the item's id holds control characters or broken Unicode"
        raise UnreadableItemError(msg)


def texts_of(item: Item, flags: list[str]) -> tuple[str | None, str | None, str | None]:
    """Title, safe HTML and plain text of an item, each within its cap."""
    title = item.title
    if title and clean.looks_like_html(title):
        title = clean.html_to_text(title)
    title = clean.one_line(title) if title else None
    if item.html and not item.text:
        text, html = clean.html_to_text(item.html), clean.safe_html(item.html)
    else:
        text, html = clean.tidy(item.text or ""), None
    if title:
        title, was_cut = clean.cut(title, MAX_TITLE)
        if was_cut:
            flags.append("title_cut")
    text, was_cut = clean.cut(text, MAX_TEXT)
    if was_cut:
        flags.append("text_cut")
        html = None
    return title or None, html or None, text or None


def instant_of(value: datetime | None, name: str, item: Item) -> datetime | None:
    """An instant in UTC. Raises: UnreadableItemError: it has no time zone."""
    if value is None:
        return None
    if value.tzinfo is None:
        msg = f"{name} of item {item.external_id!r} has no time zone ({value.isoformat()})"
        raise UnreadableItemError(msg)
    return value.astimezone(UTC)


def flag_date(published_at: datetime | None, fetched_at: datetime, flags: list[str]) -> None:
    """Flag a date that is missing or lies in the future."""
    if published_at is None:
        flags.append("date_missing")
    elif published_at > fetched_at:
        flags.append("date_future")


def rating_of(item: Item, flags: list[str]) -> tuple[float | None, float | None]:
    """Rating as 0-1 and its scale; a rating that makes no sense is flagged and left out."""
    if item.rating is None:
        return None, None
    scale = item.rating_scale
    if scale is None or not math.isfinite(scale) or scale <= 0 or not math.isfinite(item.rating):
        flags.append("rating_unclear")
        return None, None
    return min(1.0, max(0.0, item.rating / scale)), scale


def thread_key_of(item: Item, namespace: str) -> str | None:
    """Conversation key when the thread's root is known; None leaves it to the parent, known or still to come."""
    if item.thread_external_id is not None:
        return conversation_key(namespace, item.thread_external_id)
    if item.parent_external_id is not None:
        return None
    return conversation_key(namespace, item.external_id)


def author_of(author: Author | None, platform: str) -> AuthorRecord | None:
    """Who said it; None without a usable id."""
    if author is None or not author.external_id.strip():
        return None
    name = clean.one_line(author.name)[:MAX_NAME] if author.name else None
    handle = clean.one_line(author.handle)[:MAX_NAME].removeprefix("@") if author.handle else None
    return AuthorRecord(
        external_id=clean.one_line(author.external_id)[:_MAX_ID],
        platform=platform,
        handle=handle or None,
        name=name or None,
        url=fitting_url(author.url),
        followers=count_of(author.followers),
        is_staff=author.is_staff,
        is_bot=author.is_bot,
    )


def fitting_url(url: str | None) -> str | None:
    """A link to the web that is not too long to keep, else None."""
    found = web_url(clean.one_line(url)) if url else None
    return found if found is not None and len(found) <= _MAX_URL else None


def count_of(value: int | None) -> int | None:
    """A count that can be one, else None."""
    return value if value is not None and 0 <= value < 2**31 else None


def capabilities_of(item: Item, url: str | None) -> dict[str, Any]:
    """What may be done with the item, without the defaults, so that a listed row stays small."""
    able = {name: getattr(item.capabilities, name) for name in _CAPABILITIES}
    able["length_unit"] = item.capabilities.length_unit.value
    until = item.capabilities.reply_until
    able["reply_until"] = None if until is None else until.isoformat()
    if able["deep_link"] is None and item.kind is not Kind.MESSAGE:
        able["deep_link"] = url
    return {name: value for name, value in able.items() if value not in (None, False)}


def attached_to(item: Item, source: SourceSettings, settings: MediaSettings) -> tuple[MediaRecord, ...]:
    """What a customer attached, and of what is not fetched why. Our own posts' pictures are ours already."""
    if item.is_own:
        return ()
    records = []
    fetched = 0
    for each in item.media:
        reason = "" if each.kind is MediaKind.IMAGE else each.kind.value
        if not reason and not (settings.fetch and source.pictures):
            reason = Left.OFF
        if not reason:
            fetched += 1
            reason = Left.MANY if fetched > settings.per_message else ""
        alt = clean.tidy(each.alt or "")
        records.append(MediaRecord(each.kind.value, "".join(each.url.split()), alt, str(reason)))
    return tuple(records)


def content_hash_of(
    title: str | None, text: str | None, rating: float | None, visibility: str, url: str | None
) -> bytes:
    """Hash of what counts as an edit; white space, and counts of likes and replies, do not."""
    said = " ".join((text or "").split())
    parts = (title or "", said, "" if rating is None else f"{rating:.4f}", visibility, url or "")
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).digest()
