"""The store's wall: what no engine can keep, or what would break an index, is made harmless here. Pure.

The pipeline cleans too; this holds whoever calls. PostgreSQL refuses NUL in text, both refuse lone surrogates,
PostgreSQL's B-trees refuse keys above about 2,700 bytes, and columns of counts end at 53 bits.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from store.keys import conversation_key
from store.records import AuthorRecord, DeletedRecord, MentionRecord, UnmatchedRecord

MAX_TITLE = 10_000
MAX_TEXT = 1_000_000
MAX_URL = 8_000
MAX_NAME = 500
MAX_KEY_BYTES = 800
MAX_COUNT = 2**53 - 1
# Earlier instants are defects of the source (0, 1601, year 1), not publication dates.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


def clean_text(value: str) -> str:
    """The text without NUL characters, lone surrogates replaced by U+FFFD; the same object when clean."""
    if "\x00" in value:
        value = value.replace("\x00", "")
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        # Halves of one character that came as two surrogates are put together; the others become U+FFFD.
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


def clean_json(value: Any) -> Any:
    """A JSON document whose texts are clean and whose numbers both engines keep (no NaN, at most 64 bits)."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean_text(str(key)): clean_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


def fitting_id(external_id: str) -> str:
    """An identity that fits an index: a very long one keeps its head and gets a hash for the rest."""
    external_id = clean_text(external_id)
    if len(external_id) <= MAX_KEY_BYTES // 4:  # no character takes more than 4 bytes
        return external_id
    data = external_id.encode()
    if len(data) <= MAX_KEY_BYTES:
        return external_id
    head = data[: MAX_KEY_BYTES // 2].decode(errors="ignore")
    return f"{head}~{hashlib.blake2b(data, digest_size=16).hexdigest()}"


def fitting_namespace(namespace: str) -> str:
    """A namespace that fits an index and holds no line feed."""
    return fitting_id(namespace.replace("\n", " "))


def clean_mention(record: MentionRecord) -> MentionRecord:
    """A mention as it can be kept; what was taken away is told by flags (title_cut, text_cut, date_implausible)."""
    if _is_clean(record):
        return record
    values = {name: getattr(record, name) for name in _FIELDS}
    flags = list(record.flags)
    _clean_texts(values, flags)
    _clean_identity(values)
    _clean_figures(values)
    for name in ("published_at", "edited_at"):
        if values[name] is not None and values[name] < EARLIEST:
            values[name] = None
            flags.append("date_implausible")
    if record.capabilities:
        values["capabilities"] = clean_json(record.capabilities)
    if record.extra:
        values["extra"] = clean_json(record.extra)
    if record.author is not None:
        values["author"] = clean_author(record.author)
    values["flags"] = tuple(dict.fromkeys(clean_text(flag) for flag in flags))
    return MentionRecord(**values)


_FIELDS = tuple(each.name for each in fields(MentionRecord))
_TEXTS = attrgetter(
    "external_id",
    "namespace",
    "platform",
    "kind",
    "text",
    "thread_key",
    "direction",
    "visibility",
    "title",
    "html",
    "lang",
    "enriched",
    "url",
    "parent_external_id",
    "thread_external_id",
)
_AUTHOR_TEXTS = attrgetter("external_id", "platform", "handle", "name", "url")
_FIGURES = attrgetter("rating", "rating_raw", "rating_scale", "lang_confidence")
_COUNTS = attrgetter("likes", "replies", "shares", "views")


def _is_clean(record: MentionRecord) -> bool:
    """Whether nothing has to be done, which is nearly always: a few tests over all fields together."""
    texts = [each for each in _TEXTS(record) if each]
    together = "".join((*texts, *record.flags))
    keys = (record.external_id, record.namespace, record.parent_external_id or "", record.thread_external_id or "")
    return (
        clean_text(together) is together
        and max(map(len, keys)) <= MAX_KEY_BYTES // 4
        and len(record.thread_key or "") <= MAX_KEY_BYTES // 4
        and "\n" not in record.namespace
        and len(record.title or "") <= MAX_TITLE
        and len(record.text) <= MAX_TEXT
        and len(record.url or "") <= MAX_URL
        and all(each is None or 0 <= each <= MAX_COUNT for each in _COUNTS(record))
        and all(each is None or math.isfinite(each) for each in _FIGURES(record))
        and 0 <= (record.rating or 0) <= 1
        and -(2**63) <= (record.dup_hash or 0) < 2**63
        and (record.published_at or EARLIEST) >= EARLIEST
        and (record.edited_at or EARLIEST) >= EARLIEST
        and _is_clean_json(record.capabilities)
        and _is_clean_json(record.extra)
        and (record.author is None or _is_clean_author(record.author))
        and (record.sentiment is None or math.isfinite(record.sentiment.score + record.sentiment.confidence))
    )


def _is_clean_json(value: Any) -> bool:
    """Whether `clean_json` would change nothing."""
    kind = type(value)
    if kind is str:
        return clean_text(value) is value
    if kind is bool or value is None:
        return True
    if kind is dict:
        return all(type(key) is str and clean_text(key) is key and _is_clean_json(each) for key, each in value.items())
    if kind is list:
        return all(map(_is_clean_json, value))
    return bool(clean_json(value) == value)


def _is_clean_author(author: AuthorRecord) -> bool:
    """Whether `clean_author` would change nothing."""
    together = "".join(each for each in _AUTHOR_TEXTS(author) if each)
    return (
        clean_text(together) is together
        and 0 < len(author.external_id) <= MAX_KEY_BYTES // 4
        and (author.handle is None or 0 < len(author.handle) <= MAX_NAME)
        and (author.name is None or 0 < len(author.name) <= MAX_NAME)
        and len(author.url or "") <= MAX_URL
        and _count(author.followers) == author.followers
    )


def _clean_texts(values: dict[str, Any], flags: list[str]) -> None:
    for name, value in values.items():
        if type(value) is str:
            values[name] = clean_text(value)
    _cap(values, "title", MAX_TITLE, flags)
    _cap(values, "text", MAX_TEXT, flags)
    if values["url"] is not None and len(values["url"]) > MAX_URL:
        values["url"] = None


def _clean_identity(values: dict[str, Any]) -> None:
    values["namespace"] = fitting_namespace(values["namespace"])
    for name in ("external_id", "parent_external_id", "thread_external_id"):
        if values[name] is not None:
            values[name] = fitting_id(values[name])
    if values["thread_key"] is not None:
        values["thread_key"] = _fitting_thread_key(values["thread_key"])


def _clean_figures(values: dict[str, Any]) -> None:
    for name in ("likes", "replies", "shares", "views"):
        values[name] = _count(values[name])
    for name in ("rating", "rating_raw", "rating_scale", "lang_confidence"):
        if values[name] is not None and not math.isfinite(values[name]):
            values[name] = None
    if values["rating"] is not None:
        values["rating"] = min(1.0, max(0.0, float(values["rating"])))
    sentiment = values["sentiment"]
    if sentiment is not None and not math.isfinite(sentiment.score + sentiment.confidence):
        values["sentiment"] = None
    if values["dup_hash"] is not None and not -(2**63) <= values["dup_hash"] < 2**63:
        values["dup_hash"] = None


def clean_author(author: AuthorRecord) -> AuthorRecord | None:
    """An author as it can be kept; None without a usable id."""
    external_id = fitting_id(author.external_id)
    if not external_id:
        return None
    return AuthorRecord(
        external_id=external_id,
        platform=clean_text(author.platform),
        handle=_short(author.handle),
        name=_short(author.name),
        url=None if author.url is None or len(author.url) > MAX_URL else clean_text(author.url),
        followers=_count(author.followers),
        is_staff=author.is_staff,
        is_bot=author.is_bot,
    )


def clean_unmatched(record: UnmatchedRecord) -> UnmatchedRecord:
    """An unmatched item as it can be kept."""
    url = None if record.url is None or len(record.url) > MAX_URL else clean_text(record.url)
    early = record.published_at is not None and record.published_at < EARLIEST
    return replace(
        record,
        external_id=fitting_id(record.external_id),
        namespace=fitting_namespace(record.namespace),
        text=clean_text(record.text)[:MAX_TEXT],
        title=None if record.title is None else clean_text(record.title)[:MAX_TITLE],
        url=url,
        published_at=None if early else record.published_at,
    )


def clean_deleted(record: DeletedRecord) -> DeletedRecord:
    """A deletion that names the identity as it was kept."""
    return DeletedRecord(fitting_id(record.external_id), fitting_namespace(record.namespace))


def _fitting_thread_key(key: str) -> str:
    namespace, line_feed, external_id = key.partition("\n")
    if not line_feed:
        return fitting_id(key)
    return conversation_key(fitting_namespace(namespace), fitting_id(external_id))


def _cap(values: dict[str, Any], name: str, longest: int, flags: list[str]) -> None:
    if values[name] is not None and len(values[name]) > longest:
        values[name] = values[name][:longest]
        flags.append(f"{name}_cut")


def _short(value: str | None) -> str | None:
    return clean_text(value)[:MAX_NAME] if value else None


def _count(value: int | None) -> int | None:
    return value if value is not None and -MAX_COUNT <= value <= MAX_COUNT else None
