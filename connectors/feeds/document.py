"""One shape for what every feed format says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from connectors.items import Json, Rejected

_TAG = re.compile(r"<(?:a|img|video|audio|source|iframe|embed|link|area)\b[^<>]*>", re.IGNORECASE)
_LINK = re.compile(r"""(\b(?:href|src|poster)\s*=\s*)(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, untrusted; dates are still the feed's own words.

    Attributes:
        id: the feed's id for it, as written; "" when it has none.
        link: absolute http(s) address or None.
        title: as given, may hold HTML.
        html, text: the body in one of two forms.
        published, updated: raw text, "" when missing.
        author_name, author_url, author_email: as far as given.
        language: BCP 47 tag.
        parent_id: id of the entry this one answers.
        likes, replies, views: counts; None when not given.
        rating: stars of five.
        extra: attachments, comment addresses and the like.
    """

    id: str = ""
    link: str | None = None
    title: str = ""
    html: str | None = None
    text: str | None = None
    published: str = ""
    updated: str = ""
    author_name: str | None = None
    author_url: str | None = None
    author_email: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    parent_id: str | None = None
    likes: int | None = None
    replies: int | None = None
    views: int | None = None
    rating: float | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as read.

    Attributes:
        format: `rss20`, `atom10`, `json11` and so on.
        title, language: of the feed.
        entries: with each its own part of the payload, in the order of the feed.
        rejected: entries that could not be read.
        ttl_minutes, update_seconds: how often the feed says it changes.
        older_url: address of older entries that the feed itself names (RFC 5005, JSON Feed `next_url`).
        pages: True when older entries are had by counting pages up (WordPress).
        expired: the feed says that it is over.
        cut_off: the document ends before its end; what was there is in `entries`.
    """

    format: str
    title: str
    language: str | None
    entries: tuple[tuple[Entry, dict[str, Json]], ...]
    rejected: tuple[Rejected, ...] = ()
    ttl_minutes: float | None = None
    update_seconds: float | None = None
    older_url: str | None = None
    pages: bool = False
    expired: bool = False
    cut_off: bool = False


def whole_number(value: object) -> int | None:
    """Read a count; None unless it is a whole number from 0 up to 10^15."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None


def with_absolute_links(html: str, base: str) -> str:
    """Make relative addresses in HTML absolute, so that they survive outside their page. Sanitises nothing."""

    def one_link(match: re.Match[str]) -> str:
        target = match[2] if match[2] is not None else match[3]
        try:
            joined = urljoin(base, target)
        except ValueError:
            return match[0]
        quote = '"' if match[2] is not None else "'"
        return match[0] if joined == target else f"{match[1]}{quote}{joined}{quote}"

    return _TAG.sub(lambda tag: _LINK.sub(one_link, tag[0]), html) if base else html
