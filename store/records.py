"""The values that cross the store's wall on the way in: what ingest commits, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from store.sentiments import Sentiment

CONTEXT = "context"
"""Flag of what was fetched because a message answers it: shown above that message, neither work nor contact."""


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """An account on a platform, as an item showed it. None never overwrites what is already known."""

    external_id: str
    platform: str
    handle: str | None = None
    name: str | None = None
    url: str | None = None
    followers: int | None = None
    is_staff: bool = False
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """Something attached to a mention.

    Attributes:
        kind: image, video, audio or file.
        address: where it can be fetched; may hold a signature that runs out.
        alt: what its author wrote to describe it.
        reason: why it is not wanted, as a code of `store.pictures.Left`; "" when it is to be fetched.
    """

    kind: str
    address: str = field(repr=False)
    alt: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """How copies of a mention are found and judged, by whoever understands texts.

    Attributes:
        keys: signed 64-bit numbers; mentions that share one may say the same.
        likeness: how much anything with `title`, `text`, `kind` and `url` says the same, 0-1; 0 where it does not.
        shape: a sketch of the text that is kept beside its keys; b"" without one.
        possible: whether what has another shape may say the same; False only where `likeness` would be 0, so that it
            need not be read. None leaves nothing out.
    """

    keys: tuple[int, ...]
    likeness: Callable[[Any], float]
    shape: bytes = b""
    possible: Callable[[bytes | None], bool] | None = None


@dataclass(frozen=True, slots=True)
class MentionRecord:
    """A normalized, enriched mention, ready to be kept. All instants aware UTC.

    Attributes:
        external_id, namespace: identity; `namespace` is the platform, or platform and scope.
        thread_key: key of the conversation when the thread root is known, else None: then the store joins the
            parent's conversation, or starts one that a late parent can still take over.
        content_hash: hash of the fields whose change counts as an edit.
        dup_hash: 64-bit signed hash of the normalized text for folding exact duplicates; None for texts too
            short to fold.
        near: how copies that are not exact are found; None where nothing is looked for.
        rating: 0-1.
        sentiment: None where nobody scored it.
        enriched: version of the enrichment that derived language, sentiment and duplicate key.
        brand_ids: brands whose query matched.
        payload: zstd-compressed raw JSON, made with `zdict_id`; None when the platform forbids keeping it.
        media: what is attached, in the platform's order.
    """

    external_id: str
    namespace: str
    platform: str
    kind: str
    text: str
    content_hash: bytes
    thread_key: str | None = None
    direction: str = "inbound"
    visibility: str = "public"
    title: str | None = None
    html: str | None = None
    lang: str = "und"
    lang_confidence: float | None = None
    sentiment: Sentiment | None = None
    enriched: str | None = None
    rating_raw: float | None = None
    rating_scale: float | None = None
    rating: float | None = None
    url: str | None = None
    parent_external_id: str | None = None
    thread_external_id: str | None = None
    likes: int | None = None
    replies: int | None = None
    shares: int | None = None
    views: int | None = None
    published_at: datetime | None = None
    edited_at: datetime | None = None
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    dup_hash: int | None = None
    near: Near | None = field(default=None, repr=False, compare=False)
    flags: tuple[str, ...] = ()
    author: AuthorRecord | None = None
    brand_ids: tuple[str, ...] = ()
    payload: bytes | None = None
    zdict_id: int = 0
    media: tuple[MediaRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class UnmatchedRecord:
    """An item that no brand query matched, of a source that is read whole.

    `author` is (platform, external id), only to refuse what somebody said who was erased; it is not kept.
    """

    external_id: str
    namespace: str
    text: str
    title: str | None = None
    lang: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    author: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DeletedRecord:
    """A definite upstream deletion."""

    external_id: str
    namespace: str


@dataclass(frozen=True, slots=True)
class QuarantineRecord:
    """An unreadable item (compressed JSON) or whole answer (compressed bytes)."""

    error: str
    payload: bytes
    payload_sha256: bytes
    external_id: str | None = None
    whole_answer: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time [start, end), aware UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class GapRecord:
    """A stretch not covered. `reason`: budget, quota, lost or error; `cursor` resumes a broken-off chain."""

    span: Span
    reason: str
    text: str = ""
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class ValidatorRecord:
    """Validators of the answer whose rows are being committed."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: bytes | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class MeterCharge:
    """What one call cost of one meter, in millionths: `used` counts, `held` of what was held for it is given back.

    `day` is the meter's local day; `calls` counts calls when they are held, so a settlement adds none.
    """

    meter: str
    day: date
    used: int
    held: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class PageCommit:
    """Everything one page brings, committed in ONE transaction: rows and the interval they cover together.

    Attributes:
        fetched_at: when the answer arrived; becomes first/last seen.
        fence: the lease's fence; None outside the worker (`collect --once`, replay). A stale fence is refused.
        state: the connector's new state; None leaves it.
        asked: these items were asked about by their ids: they and their authors are fresh, even where nothing changed,
            and no query found them.
        archive_after_s: items first seen longer than this after publication enter as archived; None never.
        timezone: IANA name deciding the calendar day of the roll-ups.
        charges: what the page cost, by meter.
    """

    source_id: str
    query_id: str
    fetched_at: datetime
    mentions: tuple[MentionRecord, ...] = ()
    unmatched: tuple[UnmatchedRecord, ...] = ()
    deleted: tuple[DeletedRecord, ...] = ()
    quarantined: tuple[QuarantineRecord, ...] = ()
    covered: Span | None = None
    gaps: tuple[GapRecord, ...] = ()
    state: Mapping[str, Any] | None = None
    validator: ValidatorRecord | None = None
    fence: int | None = None
    asked: bool = False
    archive_after_s: int | None = 172_800
    timezone: str = "UTC"
    charges: tuple[MeterCharge, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitResult:
    """What came of a commit, counted in mentions.

    Attributes:
        new, changed, unchanged: by identity and content hash.
        suppressed: refused because a tombstone stands.
        deleted: scrubbed because of a definite upstream deletion.
        new_ids: mention ids of the new rows, in the order they came.
        delays_s: first seen minus published in seconds, of the new rows that say when they were published.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    suppressed: int = 0
    deleted: int = 0
    quarantined: int = 0
    unmatched: int = 0
    new_ids: tuple[int, ...] = ()
    delays_s: tuple[float, ...] = ()


class StaleLeaseError(Exception):
    """Another worker has taken this source over; nothing of this page was written."""
