"""RSS, RDF and Atom, read by feedparser with its traps closed.

The body goes in as a stream: feedparser opens text that looks like a path as a file and text that looks like
an address over the network. Its sanitiser and link resolver are off: the house sanitises by itself, and they are
more than half of the time. Two patches of the library's reader class, both process-wide:

* its pattern for e-mail addresses in authors hangs for minutes on a long author (feedparser issue 562) and cuts
  addresses like jo@site.amsterdam in two, so that step is left out and done here;
* ids are kept as written. The library resolves them against the address the feed came from, and then a redirect
  to another host would make every item a new one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from time import struct_time
from typing import Any, cast

import feedparser
from feedparser.mixin import _FeedParserMixin

from connectors.errors import FormatChanged
from connectors.feeds.addresses import absolute_url
from connectors.feeds.document import Document, Entry, whole_number, with_absolute_links
from connectors.items import Json, Rejected
from connectors.storable import storable

LONGEST_AUTHOR = 320
# publishers put comments and worse behind the end of the document, so the end may stand some way up
_ROOT_END = re.compile(rb"</\s*(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_BLOGGER_KIND = "http://schemas.google.com/g/2005#kind"
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
# RSS writes "jo@site.example (Jo)", others "Jo <jo@site.example>"; the text is at most LONGEST_AUTHOR long
_MAIL_THEN_NAME = re.compile(r"^(?P<email>[^\s@()<>]+@[^\s@()<>]+)\s*\((?P<name>[^()]*)\)$")
_NAME_THEN_MAIL = re.compile(r"^(?P<name>[^<>]*)<(?P<email>[^\s@<>]+@[^\s@<>]+)>$")
_MAIL = re.compile(r"^(?P<email>[^\s@()<>]+@[^\s@()<>]+)$")
_plain_sync = _FeedParserMixin._sync_author_detail  # noqa: SLF001 - see the module's text


def _guarded_sync(self: Any, key: str = "author") -> None:
    # with parts already told apart the library only joins them; without, it would start its pattern
    if (self._get_context().get(f"{key}s") or [None])[-1]:
        _plain_sync(self, key)


_FeedParserMixin._sync_author_detail = _guarded_sync  # noqa: SLF001 - see the module's text
_FeedParserMixin.can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}


def read_xml(body: bytes, headers: Mapping[str, str], url: str) -> Document | None:
    """Read a feed in XML.

    Args:
        body: the answer.
        headers: of the answer, lower-case names; only type and language are looked at.
        url: where the answer came from; relative links are resolved against it.

    Returns:
        The feed, or None when this is no feed at all.

    Raises:
        FormatChanged: it began as a feed, but is too broken to read anything from it.
    """
    hints = {name: headers[name] for name in ("content-type", "content-language") if headers.get(name)}
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(body),
            response_headers={**hints, "content-location": url},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        # feedparser lets these through on hostile markup; each means that there is nothing to read
        msg = f"the feed is too broken to read ({type(error).__name__}); its publisher has to repair it"
        raise FormatChanged(msg) from error
    version = str(parsed.get("version") or "")
    found = parsed.get("entries") or []
    if not version and not found:
        return None
    trouble = parsed.get("bozo_exception")
    if not found and isinstance(trouble, Exception) and "SAX" in type(trouble).__name__:
        msg = "no entry can be found in the feed, as its XML is not well-formed; its publisher has to repair it"
        raise FormatChanged(msg)
    document = _document(version or "unknown", parsed.get("feed") or {}, found, url)
    return replace(document, cut_off=trouble is not None and _ROOT_END.search(body[-5_000:]) is None)


def _document(version: str, feed: Mapping[str, Any], found: list[Mapping[str, Any]], url: str) -> Document:
    language = _text(feed.get("language")) or None
    title = _text(feed.get("title"))
    entries: list[tuple[Entry, dict[str, Json]]] = []
    rejected: list[Rejected] = []
    for one in found:
        raw: dict[str, Json] = {
            "format": version,
            "base": url,
            "feed_title": storable(title),
            "feed_language": storable(language),
            "entry": plain_entry(one),
        }
        try:
            entries.append((entry_from_xml(raw), raw))
        except ValueError as error:
            rejected.append(Rejected(error=str(error), payload=raw))
    generator = " ".join(str(part) for part in (feed.get("generator"), feed.get("generator_detail")) if part)
    older = [link for link in feed.get("links") or [] if link.get("rel") in {"prev-archive", "next"}]
    older.sort(key=lambda link: link.get("rel") != "prev-archive")
    return Document(
        format=version,
        title=str(storable(title)),
        language=language,
        entries=tuple(entries),
        rejected=tuple(rejected),
        ttl_minutes=_positive(feed.get("ttl")),
        update_seconds=_update_seconds(feed),
        older_url=next((each for each in (absolute_url(link.get("href"), url) for link in older) if each), None),
        pages="wordpress" in generator.lower(),
    )


def plain_entry(entry: Mapping[str, Any]) -> dict[str, Json]:
    """Copy an entry of feedparser as JSON, without the dates it parsed: those are read from the text by the house."""
    # the mapping's own access falls back from one key to another, so the plain one is used
    parts = dict.items(cast("dict[str, object]", entry))
    return {
        str(storable(key)): storable(value)
        for key, value in parts
        if not isinstance(value, struct_time) and not key.endswith("_parsed")
    }


def entry_from_xml(raw: Mapping[str, Json]) -> Entry:
    """Read one entry out of its kept payload.

    Raises:
        ValueError: the payload holds no entry.
    """
    entry = raw.get("entry")
    if not isinstance(entry, dict):
        msg = "the kept payload holds no entry of a feed"
        raise ValueError(msg)  # noqa: TRY004 - wrong data, not a wrong call
    base = _text(raw.get("base"))
    version = _text(raw.get("format"))
    youtube = _text(entry.get("id")).startswith("yt:video:")
    rating = _decimal(entry.get("im_rating"))
    html, text, language = _body(entry, base, prefer_text=youtube or rating is not None)
    published = _text(entry.get("published")) or _text(entry.get("created"))
    updated = _text(entry.get("updated")) or _text(entry.get("modified"))
    author = _author(entry)
    return Entry(
        id=_text(entry.get("id")),
        link=absolute_url(_link(entry), base),
        title=_text(entry.get("title")),
        html=html,
        text=text,
        published=published or updated,
        # the time of a change says "edited" only beside a time of publication; YouTube moves it with every view
        updated=updated if published and not youtube else "",
        author_name=author.get("name"),
        author_url=absolute_url(author.get("href"), base),
        author_email=author.get("email"),
        language=language or _text(raw.get("feed_language")) or None,
        tags=_tags(entry),
        parent_id=_parent(entry),
        likes=whole_number(_part(entry, "media_starrating", "count")),
        replies=_first_count(entry.get("slash_comments"), entry.get("thr_total"), _reply_count(entry)),
        views=whole_number(_part(entry, "media_statistics", "views")),
        rating=rating if rating is not None and 0 <= rating <= 5 else None,
        extra=_extra(entry, base, version),
    )


def _body(entry: Mapping[str, Json], base: str, *, prefer_text: bool) -> tuple[str | None, str | None, str | None]:
    """Choose the body: HTML content, any content, the summary. Returns html, text and its language."""
    parts = [part for part in _list(entry.get("content")) if isinstance(part, dict) and _text(part.get("value"))]
    detail = entry.get("summary_detail")
    summary = _text(entry.get("summary"))
    if summary:
        parts.append(
            {**detail, "value": summary} if isinstance(detail, dict) else {"value": summary, "type": "text/html"}
        )
    if not parts:
        return None, None, None

    def is_html(part: Mapping[str, Json]) -> bool:
        return "html" in _text(part.get("type"))

    content, short = parts[: len(parts) - bool(summary)], parts[len(parts) - bool(summary) :]
    wanted = [part for part in content if is_html(part) is not prefer_text]
    chosen = (wanted or content or short)[0]
    value, language = _text(chosen.get("value")), _text(chosen.get("language")) or None
    # YouTube's descriptions are called HTML by the library, but are plain text whose lines matter
    plain = not is_html(chosen) or (prefer_text and "<" not in value)
    if plain:
        return None, value, language
    return with_absolute_links(value, _text(chosen.get("base")) or base), None, language


def _link(entry: Mapping[str, Json]) -> str:
    """The entry's page; a `link` that is empty gives way to the first alternate one."""
    link = _text(entry.get("link"))
    if link:
        return link
    for other in _list(entry.get("links")):
        if isinstance(other, dict) and other.get("rel") == "alternate" and _text(other.get("href")):
            return _text(other.get("href"))
    return ""


def _author(entry: Mapping[str, Json]) -> dict[str, str]:
    detail = entry.get("author_detail")
    found = {
        key: _text(detail.get(key))[:LONGEST_AUTHOR].strip()
        for key in ("name", "href", "email")
        if isinstance(detail, dict) and _text(detail.get(key))
    }
    written = _text(entry.get("author"))[:LONGEST_AUTHOR].strip()
    if found.get("name") or found.get("email") or not written:
        return found
    for shape in (_MAIL_THEN_NAME, _NAME_THEN_MAIL, _MAIL):
        match = shape.match(written)
        if match is not None:
            return {**found, **{key: value.strip() for key, value in match.groupdict().items() if value.strip()}}
    return {**found, "name": written}


def _tags(entry: Mapping[str, Json]) -> tuple[str, ...]:
    terms = [
        (_text(tag.get("label")) or _text(tag.get("term"))).lstrip("#").strip()[:200]
        for tag in _list(entry.get("tags"))
        if isinstance(tag, dict) and tag.get("scheme") != _BLOGGER_KIND
    ]
    return tuple(dict.fromkeys(term for term in terms if term))[:50]


def _parent(entry: Mapping[str, Json]) -> str | None:
    """The entry this one answers (RFC 4685, `thr:in-reply-to`)."""
    answer = entry.get("thr_in-reply-to") or entry.get("in-reply-to")
    return (_text(answer.get("ref")) or None) if isinstance(answer, dict) else None


def _reply_count(entry: Mapping[str, Json]) -> Json:
    for link in _list(entry.get("links")):
        if isinstance(link, dict) and link.get("rel") == "replies":
            for key in ("thr:count", "count"):
                if key in link:
                    return link[key]
    return None


def _extra(entry: Mapping[str, Json], base: str, version: str) -> dict[str, Json]:
    extra: dict[str, Json] = {"format": version}
    files: list[Json] = [
        {"url": absolute_url(link.get("href"), base), "type": link.get("type"), "length": link.get("length")}
        for link in _list(entry.get("links"))
        if isinstance(link, dict) and link.get("rel") == "enclosure" and absolute_url(link.get("href"), base)
    ]
    if files:
        extra["enclosures"] = files[:20]
    for key, name in (("comments", "comments_url"), ("wfw_commentrss", "comments_feed")):
        address = absolute_url(entry.get(key), base)
        if address:
            extra[name] = address
    if _text(entry.get("itunes_duration")):
        extra["duration"] = _text(entry.get("itunes_duration"))[:40]
    source = entry.get("source")
    if isinstance(source, dict) and _text(source.get("title")):
        extra["source"] = {"title": _text(source.get("title"))[:200], "url": absolute_url(source.get("href"), base)}
    return extra


def _update_seconds(feed: Mapping[str, Any]) -> float | None:
    """Time between two changes as the syndication module tells it (purl.org/rss/1.0/modules/syndication)."""
    period = _PERIODS.get(_text(feed.get("sy_updateperiod")).strip().lower())
    return None if period is None else period / (_positive(feed.get("sy_updatefrequency")) or 1)


def _positive(value: object) -> float | None:
    number = _decimal(value)
    return number if number is not None and number > 0 else None


def _decimal(value: object) -> float | None:
    text = _text(value).strip()
    return float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text) else None


def _first_count(*values: Json) -> int | None:
    return next((count for count in map(whole_number, values) if count is not None), None)


def _part(entry: Mapping[str, Json], key: str, name: str) -> Json:
    value = entry.get(key)
    return value.get(name) if isinstance(value, dict) else None


def _list(value: Json | None) -> list[Json]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
