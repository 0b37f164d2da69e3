"""From an entry to an item."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import parse_qs, urlsplit

from connectors.dates import plausible, read_date
from connectors.feeds.document import Entry
from connectors.items import Author, Capabilities, Counts, Item, Json, Kind

WHY_NOT = "A feed can only be read; answer on the page itself."


@dataclass(frozen=True, slots=True)
class Reading:
    """What mapping needs to know besides the entry.

    Attributes:
        namespace: what the feed's ids are unique within.
        zone: zone of dates that name none.
        kind: what entries are, unless they say otherwise themselves.
        language: language hint for entries and feeds that give none.
        received_at: aware UTC; a date later than a day after it is not believed.
    """

    namespace: str
    zone: tzinfo
    kind: Kind
    language: str | None
    received_at: datetime


def to_item(entry: Entry, external_id: str, raw: Mapping[str, Json], reading: Reading) -> Item:
    """Map one entry.

    Args:
        entry: as read.
        external_id: as decided by `identity`.
        raw: the entry's part of the payload; the id is kept beside it for reading it again.
        reading: the rest.
    """
    published = plausible(read_date(entry.published, reading.zone), reading.received_at)
    updated = plausible(read_date(entry.updated, reading.zone), reading.received_at)
    url = real_address(entry.link)
    extra: dict[str, Json] = dict(entry.extra)
    if entry.published and published is None:
        extra["date_raw"] = entry.published[:200]
    return Item(
        external_id=external_id,
        kind=_kind(entry, reading.kind),
        namespace=reading.namespace,
        text=entry.text,
        html=entry.html,
        title=_title(entry) or None,
        author=_author(entry, reading.namespace),
        url=url,
        lang_hint=entry.language or reading.language,
        published_at=published,
        edited_at=updated if published is not None and updated is not None and updated > published else None,
        parent_external_id=entry.parent_id,
        thread_external_id=entry.parent_id,
        rating=entry.rating,
        rating_scale=None if entry.rating is None else 5.0,
        counts=Counts(likes=entry.likes, replies=entry.replies, views=entry.views),
        capabilities=Capabilities(why_not_reply=WHY_NOT, deep_link=url),
        tags=entry.tags,
        extra=extra,
        raw={**raw, "id": external_id, "received_at": reading.received_at.isoformat()},
    )


def _kind(entry: Entry, default: Kind) -> Kind:
    if entry.rating is not None:
        return Kind.REVIEW
    return Kind.COMMENT if entry.parent_id else default


def _author(entry: Entry, namespace: str) -> Author | None:
    """The author; a page of their own is their identity, a bare name counts within this feed only."""
    name = entry.author_name
    publisher = entry.extra.get("source") if _is_google_news(entry.link) else None
    if not name and not entry.author_email and isinstance(publisher, dict):
        name = str(publisher.get("title"))  # Google News names the paper, never the journalist
    if not name and not entry.author_url and not entry.author_email:
        return None
    stable = entry.author_url or f"{namespace}|{name or entry.author_email}"
    reddit = name.removeprefix("/u/") if name and name.startswith("/u/") else None
    return Author(external_id=stable[:500], handle=reddit, name=name or None, url=entry.author_url)


def _title(entry: Entry) -> str:
    """The title; Google Alerts escapes its entities twice."""
    return html.unescape(entry.title) if entry.id.startswith("tag:google.com,2013:googlealerts") else entry.title


def real_address(link: str | None) -> str | None:
    """Take the real page out of a Google Alerts redirect; any other address is left as it is.

    The redirect itself is never followed: it would tell Google what the team reads.
    """
    if link is None:
        return None
    parts = urlsplit(link)
    host = parts.hostname or ""
    if parts.path != "/url" or not (host == "google.com" or host.startswith("www.google.")):
        return link
    query = parse_qs(parts.query)
    for target in query.get("url", []) + query.get("q", []):
        if urlsplit(target).scheme in {"http", "https"} and urlsplit(target).hostname:
            return target
    return link


def _is_google_news(link: str | None) -> bool:
    return urlsplit(link).hostname == "news.google.com" if link else False
