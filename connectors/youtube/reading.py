"""From a comment or a video to an item.

A reply of `comments.list` does not say under which video it stands, and no comment says whether we may answer it: what
is known of its thread is kept beside its own JSON, so that it can be read again on its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from connectors.fields import (
    FieldError,
    as_object,
    flag_of,
    items_of,
    need_id,
    need_text,
    number_of,
    part,
    text_of,
)
from connectors.instants import parse_iso
from connectors.items import Author, Capabilities, Counts, Item, Json, Kind, Media, Rejected, Visibility
from connectors.youtube.api import Api

MOST_CHARACTERS = 10_000
"""Longest comment, in code points."""
OURS = "klankbord"
"""Key under which a kept comment carries what its own JSON lacks."""
VIDEOS = "videos"
"""Namespace of videos: they are asked about by another call than comments."""
WATCH = "https://www.youtube.com/watch?v="
_NO_LOGIN = "Only an API key is configured for YouTube: connect the channel's account to answer from here."
_CLOSED = "YouTube does not let this account answer here: the thread or the comments of the video are closed."
_HELD = "This comment waits for a moderator: publish it in YouTube Studio before you answer."


@dataclass(frozen=True, slots=True)
class Thread:
    """What is known of the thread that a comment belongs to.

    Attributes:
        video: id of the video; None for old comments on a channel itself.
        channel: id of the channel that owns the video.
        top: id of the thread's first comment.
        can_reply: whether YouTube lets us answer there.
        replies: how many replies the thread has; None when not told.
        held: the comments wait for a moderator, or were refused.
    """

    video: str | None = None
    channel: str | None = None
    top: str | None = None
    can_reply: bool = True
    replies: int | None = None
    held: bool = False

    def dump(self) -> dict[str, Json]:
        """As JSON."""
        return {
            "video": self.video,
            "channel": self.channel,
            "top": self.top,
            "can_reply": self.can_reply,
            "replies": self.replies,
            "held": self.held,
        }

    @classmethod
    def load(cls, known: dict[str, Json]) -> Thread:
        """Read what `dump` wrote, or an item's `extra`."""
        return cls(
            text_of(known, "video"),
            text_of(known, "channel"),
            text_of(known, "top"),
            can_reply=known.get("can_reply") is not False,
            replies=number_of(known, "replies"),
            held=flag_of(known, "held"),
        )


@dataclass
class Found:
    """What was read of one answer."""

    items: list[Item] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    threads: dict[str, Thread] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    times: list[datetime] = field(default_factory=list)


def read_threads(api: Api, entries: Sequence[Json], *, held: bool = False) -> Found:
    """Read threads with the replies that came along.

    Returns:
        Their comments; `threads` by id of the first comment; `missing`: how many replies a thread has in all, of those
        of which not all came along; `times` of the first comments, in order.
    """
    found = Found()
    for entry in entries:
        try:
            whole = as_object(entry, "the thread")
            snippet = part(whole, "snippet")
            first = as_object(snippet.get("topLevelComment"), "the first comment of the thread")
            thread = Thread(
                text_of(snippet, "videoId") or text_of(part(first, "snippet"), "videoId"),
                text_of(snippet, "channelId"),
                need_id(first),
                can_reply=snippet.get("canReply") is not False,
                replies=number_of(snippet, "totalReplyCount"),
                held=held or snippet.get("isPublic") is False,
            )
            item = read_comment(api, first, thread)
        except ValueError as error:
            found.rejected.append(Rejected(str(error), entry, _id(entry)))
            continue
        found.items.append(item)
        if item.published_at is not None:
            found.times.append(item.published_at)
        found.threads[item.external_id] = thread
        replies = items_of(part(whole, "replies"), "comments")
        below = read_replies(api, replies, thread)
        found.items += below.items
        found.rejected += below.rejected
        if (thread.replies or 0) > len(replies):
            found.missing[item.external_id] = thread.replies or 0
    return found


def read_replies(api: Api, entries: Iterable[Json], thread: Thread) -> Found:
    """Read the replies of one thread."""
    found = Found()
    below = replace(thread, replies=None)
    for entry in entries:
        try:
            found.items.append(read_comment(api, as_object(entry, "the reply"), below))
        except ValueError as error:
            payload = {**entry, OURS: below.dump()} if isinstance(entry, dict) else entry
            found.rejected.append(Rejected(str(error), payload, _id(entry)))
    return found


def read_comment(api: Api, comment: dict[str, Json], thread: Thread) -> Item:
    """Read one comment.

    Raises:
        ValueError: a needed field is missing or wrong.
    """
    key, snippet = need_id(comment), as_object(comment.get("snippet"), "the snippet of the comment")
    parent = text_of(snippet, "parentId")
    top = parent or key.partition(".")[0]
    video = text_of(snippet, "videoId") or thread.video
    channel = text_of(snippet, "channelId") or thread.channel
    status = text_of(snippet, "moderationStatus") or "published"
    held = thread.held or status != "published"
    known = replace(thread, video=video, channel=channel, top=top, held=held)
    published = parse_iso(snippet.get("publishedAt"))
    updated = snippet.get("updatedAt")
    edited = published if updated is None else parse_iso(updated)
    author = _author(snippet)
    own = author is not None and author.external_id in api.own
    reply = parent is not None
    return Item(
        external_id=key,
        kind=Kind.COMMENT,
        text=_text(snippet),
        author=author,
        url=_address(video, channel, key),
        published_at=published,
        edited_at=edited if edited != published else None,
        parent_external_id=parent,
        thread_external_id=top,
        counts=Counts(likes=number_of(snippet, "likeCount"), replies=None if reply else thread.replies),
        visibility=Visibility.PRIVATE if held else Visibility.PUBLIC,
        is_own=own,
        addressed=channel in api.own,
        capabilities=_capabilities(api, known, _address(video, channel, key), author, own=own, reply=reply),
        media=_picture(snippet),
        extra={**known.dump(), "replies": None, "kind": "comment"},
        raw={**comment, OURS: known.dump()},
    )


def read_video(api: Api, video: dict[str, Json]) -> Item:
    """Read one video.

    Raises:
        ValueError: a needed field is missing or wrong.
    """
    key, snippet = need_id(video), as_object(video.get("snippet"), "the snippet of the video")
    statistics, channel = part(video, "statistics"), text_of(snippet, "channelId")
    title = text_of(snippet, "channelTitle")
    comments = number_of(statistics, "commentCount")
    can = api.login.acts and comments is not None
    return Item(
        external_id=key,
        namespace=VIDEOS,
        kind=Kind.POST,
        title=need_text(snippet, "title"),
        text=text_of(snippet, "description") or "",
        author=None if channel is None else Author(channel, name=title, url=_channel(channel)),
        url=f"{WATCH}{key}",
        lang_hint=text_of(snippet, "defaultAudioLanguage") or text_of(snippet, "defaultLanguage"),
        published_at=parse_iso(snippet.get("publishedAt")),
        thread_external_id=key,
        counts=Counts(
            likes=number_of(statistics, "likeCount"), replies=comments, views=number_of(statistics, "viewCount")
        ),
        is_own=channel in api.own,
        capabilities=Capabilities(
            can_reply=can,
            why_not_reply=None if can else _NO_LOGIN if not api.login.acts else _CLOSED,
            max_length=MOST_CHARACTERS,
            deep_link=f"{WATCH}{key}",
            can_recheck=True,
        ),
        tags=tuple(each for each in items_of(snippet, "tags") if isinstance(each, str)),
        media=_thumbnail(snippet),
        extra={"video": key, "channel": channel, "kind": "video"},
        raw=video,
    )


def ahead_of(handle: str | None) -> str:
    """What stands before an answer to a reply: replies all hang under the first comment, so the name says to whom."""
    return f"@{handle.lstrip('@')} " if handle else ""


def _capabilities(
    api: Api, thread: Thread, url: str | None, author: Author | None, *, own: bool, reply: bool
) -> Capabilities:
    acts = api.login.acts
    why = None if acts and thread.can_reply and not thread.held else _CLOSED
    if not acts:
        why = _NO_LOGIN
    elif thread.held:
        why = _HELD
    name = ahead_of(author.handle if author else None) if reply else ""
    return Capabilities(
        can_reply=why is None,
        why_not_reply=why,
        can_hide=acts and not own and thread.channel in api.own,
        max_length=MOST_CHARACTERS - len(name),
        deep_link=url,
        can_recheck=not thread.held,
        can_fetch_parent=reply,
    )


def _text(snippet: dict[str, Json]) -> str:
    """The words as written; of others' comments only the display form is given. Both are plain: we ask for that."""
    original = snippet.get("textOriginal")
    if isinstance(original, str):
        return original
    return need_text(snippet, "textDisplay")


def _author(snippet: dict[str, Json]) -> Author | None:
    """An account that was removed has no channel any more; its name is then all there is."""
    name = text_of(snippet, "authorDisplayName")
    key = text_of(part(snippet, "authorChannelId"), "value")
    external_id = key or text_of(snippet, "authorChannelUrl") or name
    if external_id is None:
        return None
    handle = name.removeprefix("@") if name is not None and name.startswith("@") else None
    return Author(external_id, handle=handle or None, name=name, url=_channel(key) if key else None)


def _channel(key: str) -> str:
    return f"https://www.youtube.com/channel/{key}"


def _address(video: str | None, channel: str | None, key: str) -> str | None:
    if video is not None:
        return f"{WATCH}{video}&lc={key}"
    return None if channel is None else _channel(channel)


def _picture(snippet: dict[str, Json]) -> tuple[Media, ...]:
    """A picture in a comment; its address is signed and good for six hours."""
    address = text_of(snippet, "imageUrl")
    return (Media(address),) if address is not None and urlsplit(address).scheme in {"http", "https"} else ()


def _thumbnail(snippet: dict[str, Json]) -> tuple[Media, ...]:
    sizes = part(snippet, "thumbnails")
    for name in ("high", "medium", "default"):
        size = part(sizes, name)
        address = text_of(size, "url")
        if address is not None and urlsplit(address).scheme in {"http", "https"}:
            return (Media(address, width=number_of(size, "width"), height=number_of(size, "height")),)
    return ()


def _id(entry: Json) -> str | None:
    return text_of(entry, "id") if isinstance(entry, dict) else None


def read_kept(api: Api, raw: Json) -> Item:
    """Read one kept comment, thread or video again.

    Raises:
        ValueError: it still cannot be read.
    """
    kept = as_object(raw, "the kept payload")
    if isinstance(part(kept, "snippet").get("topLevelComment"), dict):
        found = read_threads(api, [kept])
        if not found.items:
            raise FieldError(found.rejected[0].error)
        return found.items[0]
    if OURS in kept:
        plain = {name: value for name, value in kept.items() if name != OURS}
        return read_comment(api, plain, Thread.load(part(kept, OURS)))
    if text_of(kept, "kind") == "youtube#video":
        return read_video(api, kept)
    return read_comment(api, kept, Thread())
