"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), which feedparser does not read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from connectors.errors import FormatChanged
from connectors.feeds.addresses import absolute_url
from connectors.feeds.document import Document, Entry, with_absolute_links
from connectors.items import Json, Rejected
from connectors.storable import storable

_VERSION = re.compile(r"^https?://(?:www\.)?jsonfeed\.org/version/(\d+(?:\.\d+)?)")


def looks_like_json(body: bytes) -> bool:
    """Tell by the first character whether this is JSON rather than XML."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_json(body: bytes, url: str) -> Document:
    """Read a JSON Feed.

    Args:
        body: the answer; UTF-8, wrong bytes become U+FFFD.
        url: where it came from; relative links are resolved against it.

    Raises:
        FormatChanged: it is JSON of another kind, or cut off.
    """
    try:
        parsed = json.loads(body.decode("utf-8-sig", "replace"), parse_constant=_no_constant, strict=False)
    except RecursionError as error:
        msg = "the address gave JSON nested too deep to be a feed"
        raise FormatChanged(msg) from error
    except ValueError as error:
        msg = "the address gave JSON that is cut off or broken; it is tried again at the next poll"
        raise FormatChanged(msg) from error
    version = _VERSION.match(str(parsed.get("version", ""))) if isinstance(parsed, dict) else None
    if version is None:
        msg = "the address gave JSON, but no JSON Feed; give the address of the feed itself"
        raise FormatChanged(msg)
    items = parsed.get("items")
    if not isinstance(items, list):
        msg = "the JSON Feed has no list of items; its publisher has to repair it"
        raise FormatChanged(msg)
    return _document(parsed, items, "json" + version[1].replace(".", ""), url)


def _no_constant(name: str) -> None:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _document(feed: Mapping[str, Any], items: list[Any], version: str, url: str) -> Document:
    language = _word(feed.get("language"))
    entries: list[tuple[Entry, dict[str, Json]]] = []
    rejected: list[Rejected] = []
    for item in items:
        raw: dict[str, Json] = {
            "format": version,
            "base": absolute_url(feed.get("home_page_url"), url) or url,
            "feed_title": storable(_word(feed.get("title")) or ""),
            "feed_language": storable(language),
            "feed_authors": storable(_authors(feed)),
            "entry": storable(item),
        }
        try:
            entries.append((entry_from_json(raw), raw))
        except ValueError as error:
            rejected.append(Rejected(error=str(error), payload=raw))
    return Document(
        format=version,
        title=str(storable(_word(feed.get("title")) or "")),
        language=language,
        entries=tuple(entries),
        rejected=tuple(rejected),
        older_url=absolute_url(feed.get("next_url"), url),
        expired=feed.get("expired") is True,
    )


def entry_from_json(raw: Mapping[str, Json]) -> Entry:
    """Read one item out of its kept payload.

    Raises:
        ValueError: the item is no object, as the format demands.
    """
    item = raw.get("entry")
    if not isinstance(item, dict):
        msg = f"an item of the JSON Feed is a {type(item).__name__} where an object belongs"
        raise ValueError(msg)  # noqa: TRY004 - wrong data, not a wrong call
    base = _word(raw.get("base")) or ""
    link = absolute_url(item.get("url"), base)
    html = _word(item.get("content_html"))
    text = _word(item.get("content_text")) or (None if html else _word(item.get("summary")))
    own = _authors(item) or raw.get("feed_authors")
    author = own[0] if isinstance(own, list) and own and isinstance(own[0], dict) else {}
    published, updated = _word(item.get("date_published")), _word(item.get("date_modified"))
    tags = item.get("tags")
    return Entry(
        id=_id(item.get("id")),
        link=link or absolute_url(item.get("external_url"), base),
        title=_word(item.get("title")) or "",
        html=with_absolute_links(html, link or base) if html else None,
        text=None if html else text,
        published=published or updated or "",
        updated=(updated or "") if published else "",
        author_name=(_word(author.get("name")) or "")[:320] or None,
        author_url=absolute_url(author.get("url"), base),
        language=_word(item.get("language")) or _word(raw.get("feed_language")),
        tags=tuple(dict.fromkeys(tag.lstrip("#").strip()[:200] for tag in tags if _word(tag)))[:50]  # type: ignore[union-attr]
        if isinstance(tags, list)
        else (),
        extra=_extra(item, base, _word(raw.get("format")) or "json"),
    )


def _id(value: Json) -> str:
    """Ids are text; a number that a publisher wrote instead is taken as its text, as the format asks."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else (_word(value) or "")


def _authors(owner: Mapping[str, Any]) -> list[Json]:
    """Authors of a feed or item: a list since 1.1, one object before."""
    authors = owner.get("authors")
    listed = authors if isinstance(authors, list) else [owner.get("author")]
    return [author for author in listed if isinstance(author, dict) and (author.get("name") or author.get("url"))]


def _extra(item: Mapping[str, Json], base: str, version: str) -> dict[str, Json]:
    extra: dict[str, Json] = {"format": version}
    external = absolute_url(item.get("external_url"), base)
    if external:
        extra["external_url"] = external
    attachments = item.get("attachments")
    files: list[Json] = [
        {"url": absolute_url(each.get("url"), base), "type": each.get("mime_type"), "length": each.get("size_in_bytes")}
        for each in (attachments if isinstance(attachments, list) else [])
        if isinstance(each, dict) and absolute_url(each.get("url"), base)
    ]
    if files:
        extra["enclosures"] = files[:20]
    return extra


def _word(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
