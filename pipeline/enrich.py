"""From an item as a platform gave it to a mention as the store keeps it.

Pure: the same item, settings and instant give the same record. An item that cannot be understood raises
`UnreadableItemError`; the collector sets it aside in quarantine.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from hashlib import blake2b
from threading import Lock
from typing import Any

from connectors.items import Author, Capabilities, Item, Json, Kind
from pipeline.identity import record_namespace
from pipeline.settings import CollectSettings, SourceSettings
from store.keys import conversation_key
from store.records import AuthorRecord, MentionRecord, UnmatchedRecord
from understanding import clean
from understanding.duplicates import exact_key
from understanding.language import Detector, LangdetectDetector, Language
from understanding.links import web_url
from understanding.match import Document, Rules
from understanding.query import Node, QueryError, needs_something, parse_query, search_terms

MAX_TITLE = 500
"""Code points of a title that are kept; the rest stands in the raw payload."""
MAX_TEXT = 200_000
"""Code points of a text that are kept; the rest stands in the raw payload."""
MAX_NAME = 200
_MAX_ID = 1_000
_MAX_URL = 4_000
_CAPABILITIES = tuple(each.name for each in fields(Capabilities))

_REMEMBERED = 2_000
"""Items whose record is remembered, because polls bring the same ones again and again."""

Record = MentionRecord | UnmatchedRecord
Compress = Callable[[Json], tuple[bytes, int]]
"""Compresses a raw payload; returns the bytes and the id of the dictionary used (0: none)."""


class UnreadableItemError(ValueError):
    """An item without what a mention needs; the message says what is missing."""


class Enricher:
    """Turns items into mention records: plain text, brands, language, duplicate key. Safe to share between threads.

    Does not read the clock, fetch, or store.

    Args:
        settings: brands, languages.
        compress: packs the raw payload.
        queries: brand query per brand id where the store has a newer version than the configuration.
        detector: names the language; langdetect over the configured languages when left out.

    Raises:
        QueryError: a brand query cannot be read, or only excludes.
    """

    def __init__(
        self,
        settings: CollectSettings,
        compress: Compress,
        *,
        queries: Mapping[str, str] | None = None,
        detector: Detector | None = None,
    ) -> None:
        texts = {brand.id: (queries or {}).get(brand.id, brand.query) for brand in settings.brands}
        self.queries = {brand_id: read_brand_query(brand_id, text) for brand_id, text in texts.items()}
        self._rules = Rules(self.queries)
        self._compress = compress
        self._detector = detector or LangdetectDetector(settings.languages)
        own = [brand.id for brand in settings.brands if not brand.competitor]
        self._own_brand = (own[0],) if len(own) == 1 else ()
        self._remembered: OrderedDict[tuple[str, str, str], tuple[Item, Record]] = OrderedDict()
        self._lock = Lock()

    def terms(self) -> tuple[str, ...]:
        """Words and phrases of all brand queries, for connectors that search."""
        return search_terms(self.queries.values())

    def record(self, item: Item, *, source: SourceSettings, platform: str, fetched_at: datetime) -> Record:
        """Make the record of one item; an item that is the same as last time gets the same record.

        Args:
            item: as the connector read it.
            source: where it was found; `match: all` keeps it whatever it says.
            platform: the connector's platform name.
            fetched_at: aware UTC instant the answer arrived.

        Returns:
            An `UnmatchedRecord` when no brand query matches and nothing else keeps it.

        Raises:
            UnreadableItemError: no identity, or no word, title or rating to go by.
        """
        key = (source.id, item.namespace, item.external_id)
        with self._lock:
            known = self._remembered.get(key)
        if known is not None and known[0] == item:
            return known[1]
        record = self._make(item, source, platform, fetched_at)
        if item.published_at is None or item.published_at <= fetched_at:  # a date in the future will have passed
            with self._lock:
                self._remembered[key] = (item, record)
                if len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)
        return record

    def _make(self, item: Item, source: SourceSettings, platform: str, fetched_at: datetime) -> Record:
        _check_identity(item)
        flags: list[str] = []
        title, html, text = _texts(item, flags)
        if not text and not title and item.rating is None:
            msg = f"item {item.external_id!r} has no text, title or rating"
            raise UnreadableItemError(msg)
        namespace = record_namespace(platform, item.namespace)
        published_at = _instant(item.published_at, "published_at", item)
        edited_at = _instant(item.edited_at, "edited_at", item)
        _flag_date(published_at, fetched_at, flags)
        if item.addressed:
            flags.append("addressed")
        body = text or title or ""
        url = _fitting_url(item.url)
        brands = self._rules.match(Document(title, text))
        if source.own and not brands:
            brands = self._own_brand
        language = self._language(item, body)
        if not (brands or item.is_own or item.addressed or source.match == "all"):
            return UnmatchedRecord(
                external_id=item.external_id,
                namespace=namespace,
                title=title,
                text=text or "",
                lang=language.code,
                url=url,
                published_at=published_at,
            )
        rating, scale = _rating(item, flags)
        thread_key = _thread_key(item, namespace)
        author = _author(item.author, platform)
        payload, zdict_id = self._compress(item.raw) if item.raw is not None else (None, 0)
        return MentionRecord(
            external_id=item.external_id,
            namespace=namespace,
            platform=platform,
            kind=item.kind.value,
            title=title,
            text=text or "",
            html=html,
            content_hash=_content_hash(title, text, rating, item.visibility.value, url),
            thread_key=thread_key,
            direction="outbound" if item.is_own else "inbound",
            visibility=item.visibility.value,
            lang=language.code,
            lang_confidence=language.confidence,
            rating_raw=item.rating if rating is not None else None,
            rating_scale=scale,
            rating=rating,
            url=url,
            parent_external_id=item.parent_external_id,
            thread_external_id=item.thread_external_id,
            likes=_count(item.counts.likes),
            replies=_count(item.counts.replies),
            shares=_count(item.counts.shares),
            views=_count(item.counts.views),
            published_at=published_at,
            edited_at=edited_at,
            capabilities=_capabilities(item, url),
            extra={**item.extra, **({"tags": list(item.tags)} if item.tags else {})},
            dup_hash=None if item.is_own else exact_key(body),
            flags=tuple(flags),
            author=author,
            brand_ids=brands,
            payload=payload,
            zdict_id=zdict_id,
        )

    def _language(self, item: Item, body: str) -> Language:
        found = self._detector.detect(body)
        if found.code != "und" or not item.lang_hint:
            return found
        hint = item.lang_hint.split("-")[0].lower()
        return Language(hint, 0.0) if len(hint) == 2 and hint.isalpha() else found


def read_brand_query(brand_id: str, text: str) -> Node:
    """Read a brand's query.

    Raises:
        QueryError: malformed, or it only excludes and would match nearly everything; names the brand.
    """
    try:
        node = parse_query(text)
    except QueryError as error:
        msg = f"the query of brand {brand_id!r} cannot be read: {error}"
        raise QueryError(msg, position=error.position, suggestion=error.suggestion) from error
    if not needs_something(node):
        msg = f"the query of brand {brand_id!r} only excludes, so it would match nearly everything; add a word to find"
        raise QueryError(msg, position=0)
    return node


def _check_identity(item: Item) -> None:
    if not item.external_id or not item.external_id.strip():
        msg = "the item has no id"
        raise UnreadableItemError(msg)
    if len(item.external_id) > _MAX_ID:
        msg = f"the item's id is {len(item.external_id):,} characters long; ids end at {_MAX_ID:,}"
        raise UnreadableItemError(msg)
    if clean.printable(item.external_id) != item.external_id or clean.printable(item.namespace) != item.namespace:
        msg = "the item's id holds control characters or broken Unicode"
        raise UnreadableItemError(msg)


def _texts(item: Item, flags: list[str]) -> tuple[str | None, str | None, str | None]:
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


def _instant(value: datetime | None, name: str, item: Item) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        msg = f"{name} of item {item.external_id!r} has no time zone ({value.isoformat()})"
        raise UnreadableItemError(msg)
    return value.astimezone(UTC)


def _flag_date(published_at: datetime | None, fetched_at: datetime, flags: list[str]) -> None:
    if published_at is None:
        flags.append("date_missing")
    elif published_at > fetched_at:
        flags.append("date_future")


def _rating(item: Item, flags: list[str]) -> tuple[float | None, float | None]:
    """Rating as 0-1 and its scale; a rating that makes no sense is flagged and left out."""
    if item.rating is None:
        return None, None
    scale = item.rating_scale
    if scale is None or not math.isfinite(scale) or scale <= 0 or not math.isfinite(item.rating):
        flags.append("rating_unclear")
        return None, None
    return min(1.0, max(0.0, item.rating / scale)), scale


def _thread_key(item: Item, namespace: str) -> str | None:
    """Conversation key when the thread's root is known; None leaves it to the parent, known or still to come."""
    if item.thread_external_id is not None:
        return conversation_key(namespace, item.thread_external_id)
    if item.parent_external_id is not None:
        return None
    return conversation_key(namespace, item.external_id)


def _author(author: Author | None, platform: str) -> AuthorRecord | None:
    if author is None or not author.external_id.strip():
        return None
    name = clean.one_line(author.name)[:MAX_NAME] if author.name else None
    handle = clean.one_line(author.handle)[:MAX_NAME].removeprefix("@") if author.handle else None
    return AuthorRecord(
        external_id=clean.one_line(author.external_id)[:_MAX_ID],
        platform=platform,
        handle=handle or None,
        name=name or None,
        url=_fitting_url(author.url),
        followers=_count(author.followers),
        is_staff=author.is_staff,
        is_bot=author.is_bot,
    )


def _fitting_url(url: str | None) -> str | None:
    found = web_url(clean.one_line(url)) if url else None
    return found if found is not None and len(found) <= _MAX_URL else None


def _count(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < 2**31 else None


def _capabilities(item: Item, url: str | None) -> dict[str, Any]:
    """What may be done with the item, without the defaults, so that a listed row stays small."""
    able = {name: getattr(item.capabilities, name) for name in _CAPABILITIES}
    able["length_unit"] = item.capabilities.length_unit.value
    if able["deep_link"] is None and item.kind is not Kind.MESSAGE:
        able["deep_link"] = url
    return {name: value for name, value in able.items() if value not in (None, False)}


def _content_hash(title: str | None, text: str | None, rating: float | None, visibility: str, url: str | None) -> bytes:
    """Hash of what counts as an edit; white space, and counts of likes and replies, do not."""
    said = " ".join((text or "").split())
    parts = (title or "", said, "" if rating is None else f"{rating:.4f}", visibility, url or "")
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).digest()
