"""What a connector reads out of a platform's answer: items, in one shape for every platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

JsonScalar = str | int | float | bool | None
Json = JsonScalar | list["Json"] | dict[str, "Json"]


class Kind(StrEnum):
    """What sort of utterance an item is."""

    POST = "post"
    COMMENT = "comment"
    REVIEW = "review"
    ARTICLE = "article"
    TOPIC = "topic"
    ANSWER = "answer"
    MESSAGE = "message"


class Visibility(StrEnum):
    """Who can read an item on the platform. PRIVATE never reaches the open board or a public reply."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


class LengthUnit(StrEnum):
    """In what a platform counts the length of a reply.

    WEIGHTED is X's count: two for letters of most other scripts. EMOJI_BYTES is that of Threads: code points, and emoji
    as their UTF-8 bytes.
    """

    CODE_POINTS = "code_points"
    GRAPHEMES = "graphemes"
    UTF16 = "utf16"
    BYTES = "bytes"
    WEIGHTED = "weighted"
    EMOJI_BYTES = "emoji_bytes"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an item.

    Attributes:
        external_id: the platform's stable account id; where it has none, the most stable thing it gives.
        handle: the short name people address (`piet84`, `jo@other.example`), without a leading @.
        name: display name; None when the platform gave none.
        url: http(s) profile page.
        followers: audience; None when not given (missing is not zero).
        is_staff: True when the platform marks the account as staff or moderator of this community.
        is_bot: True when the platform marks the account as automated.
    """

    external_id: str
    handle: str | None = None
    name: str | None = None
    url: str | None = None
    followers: int | None = None
    is_staff: bool = False
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What may be done with an item through the platform, stored beside the mention at ingest.

    Attributes:
        can_reply: whether a reply can be sent through the API.
        why_not_reply: one plain sentence when `can_reply` is False, or will be from `reply_until` on.
        reply_until: aware UTC instant from which the platform takes no answer any more; None without one.
        can_like, can_hide: whether these work through the API.
        max_length: longest reply, counted in `length_unit`; None when the platform has no limit.
        link_length: what one URL counts for; None when it counts as it is.
        deep_link: where a person can answer by hand.
        can_narrow: whether a reply may be less visible than the item it answers.
        idempotent_write: True when repeating a send is safe (idempotency key or self-chosen record key).
        can_recheck: whether the platform can be asked if the item still stands (`ActionKind.RECHECK`).
        can_fetch_parent: whether the item answers another one that `ActionKind.FETCH_THREAD` can bring.
    """

    can_reply: bool = False
    why_not_reply: str | None = None
    reply_until: datetime | None = None
    can_like: bool = False
    can_hide: bool = False
    max_length: int | None = None
    length_unit: LengthUnit = LengthUnit.CODE_POINTS
    link_length: int | None = None
    deep_link: str | None = None
    can_narrow: bool = False
    idempotent_write: bool = False
    can_recheck: bool = False
    can_fetch_parent: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """Engagement as the platform tells it. None means "not given", never zero."""

    likes: int | None = None
    replies: int | None = None
    shares: int | None = None
    views: int | None = None


class MediaKind(StrEnum):
    """What sort of attachment something is."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Media:
    """Something attached to an item. Pictures are fetched by the worker; of the rest only the link is kept.

    Attributes:
        url: where it can be fetched; may hold a signature that runs out, and is never shown.
        alt: description that its author wrote.
        width, height: pixels, as the platform tells.
    """

    url: str
    kind: MediaKind = MediaKind.IMAGE
    alt: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One utterance as found on a platform, before Klankbord understands anything of it.

    Does not carry language, brand or sentiment: the pipeline adds those. Text is the platform's; cleaning it
    is the pipeline's work too, so a connector passes HTML on as HTML.

    Attributes:
        external_id: the platform's id of this item; stable over runs.
        kind: sort of utterance.
        namespace: "" when `external_id` is unique on the whole platform, otherwise what it is unique
            within (a feed's URL, a forum's host). Part of the identity.
        text: plain text; None when only HTML is given.
        html: untrusted HTML; None when only text is given.
        title: plain text or HTML; untrusted.
        author: None when the platform does not say.
        url: permalink (http or https), or None.
        lang_hint: BCP 47 tag the platform gave; only a hint.
        published_at, edited_at: aware UTC; None when the platform does not say. Never guessed.
        parent_external_id: the item this one answers, in the same namespace.
        thread_external_id: the root of the thread this item belongs to, in the same namespace.
        rating, rating_scale: as given, for example 4 of 5; both or neither.
        counts: engagement.
        visibility: who can read it.
        is_own: written by the brand's own account: never new work.
        addressed: directed at the brand's own account (a mention, a private message, a reply to it): kept
            whatever its words, even when no brand query matches.
        capabilities: what may be done with it.
        tags: the platform's own labels, without a leading #.
        media: what is attached to it.
        extra: connector's own handles needed to act on the item later (a local status id, a topic id).
        raw: the item's part of the payload, JSON-serialisable, kept compressed apart.
    """

    external_id: str
    kind: Kind
    namespace: str = ""
    text: str | None = None
    html: str | None = None
    title: str | None = None
    author: Author | None = None
    url: str | None = None
    lang_hint: str | None = None
    published_at: datetime | None = None
    edited_at: datetime | None = None
    parent_external_id: str | None = None
    thread_external_id: str | None = None
    rating: float | None = None
    rating_scale: float | None = None
    counts: Counts = Counts()
    visibility: Visibility = Visibility.PUBLIC
    is_own: bool = False
    addressed: bool = False
    capabilities: Capabilities = Capabilities()
    tags: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)
    raw: Json = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """One item that could not be read. It goes to quarantine and never blocks the rest of its page.

    Attributes:
        error: what is wrong, for people.
        payload: the item's part of the answer, JSON-serialisable, so that it can be replayed.
        external_id: when it could still be read.
    """

    error: str
    payload: Json
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """A definite sign that an item was removed upstream (a tombstone flag, never mere absence)."""

    external_id: str
    namespace: str = ""
