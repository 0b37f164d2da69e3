"""From the Graph API's media and comments to items.

Comments are two levels deep; an answer names the first comment as its parent. A comment has no address of its own: that
of its medium, with the comment's id, opens it in a browser. `from` needs a permission; hashtag media name nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import Target
from connectors.fields import FieldError, flag_of, items_of, need_id, number_of, part, text_of
from connectors.items import Author, Capabilities, Counts, Item, Json, Kind, Media, MediaKind
from connectors.meta.graph import instant
from connectors.meta.kept import OURS, around_of

SITE = "https://www.instagram.com"
LONGEST = 300
"""Older versions of the API refuse longer comments, and say nothing of newer ones."""
MEDIUM, COMMENT, MESSAGE = "medium", "comment", "message"
OWN, TAGGED, HASHTAG, MENTION = "own", "tagged", "hashtag", "mention"
MEDIA_FIELDS = (
    "id,caption,media_type,media_product_type,permalink,timestamp,comments_count,like_count,username,media_url,"
    "thumbnail_url"
)
TAG_FIELDS = "id,caption,media_type,permalink,timestamp,username,comments_count,like_count"
HASHTAG_FIELDS = "id,caption,media_type,permalink,timestamp,comments_count,like_count"
_ANSWER_FIELDS = "id,text,timestamp,username,from,like_count,hidden,parent_id"
ANSWER_FIELDS = f"{_ANSWER_FIELDS},media{{id,permalink,username}}"
MENTION_FIELDS = "id,text,timestamp,username,like_count,media{id,permalink}"
MENTIONING_FIELDS = "id,caption,media_type,permalink,timestamp,username,comments_count,like_count"
COMMENT_FIELDS = f"{ANSWER_FIELDS},replies.limit(50){{{_ANSWER_FIELDS}}}"
_AROUND = ("what", "edge", "media", "permalink", "us", "parent")
_WHY_NOT = {
    TAGGED: "Instagram lets nobody comment on other people's media through its API: answer by hand.",
    HASHTAG: "Instagram lets nobody answer hashtag media through its API: answer by hand.",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one account.

    Attributes:
        own: ids that write for the brand.
        writes_privately: a comment can be answered by a private message.
    """

    own: frozenset[str]
    writes_privately: bool = False

    def read(self, kept: dict[str, Json]) -> Item:
        """Read an entry by what it was kept as.

        Raises:
            ValueError: it cannot be read.
        """
        return self.comment(kept) if text_of(around_of(kept), "what") == COMMENT else self.medium(kept)

    def medium(self, kept: dict[str, Json]) -> Item:
        """Read a medium: our own, one in which we are tagged or mentioned, or one with a hashtag."""
        key, edge, name = need_id(kept), text_of(around_of(kept), "edge") or OWN, text_of(kept, "username")
        if "timestamp" not in kept and "caption" not in kept:
            msg = "the medium has neither caption nor date"
            raise FieldError(msg)
        url = text_of(kept, "permalink") or SITE
        own = edge == OWN
        writer = Author(min(self.own), handle=name, name=name) if own and self.own else _named(name)
        return Item(
            external_id=key,
            kind=Kind.POST,
            text=text_of(kept, "caption") or "",
            author=writer,
            url=url,
            published_at=instant(kept.get("timestamp")),
            thread_external_id=key,
            counts=Counts(likes=number_of(kept, "like_count"), replies=number_of(kept, "comments_count")),
            is_own=own,
            addressed=edge in {TAGGED, MENTION},
            capabilities=Capabilities(
                can_reply=edge in {OWN, MENTION},
                why_not_reply=_WHY_NOT.get(edge),
                max_length=LONGEST,
                deep_link=url,
                can_recheck=own,
            ),
            media=_media(kept),
            extra={"what": MEDIUM, "id": key, "media": key, "edge": edge, "reply_to": key},
            raw=kept,
        )

    def comment(self, kept: dict[str, Json]) -> Item:
        """Read a comment, or an answer to one."""
        key, around = need_id(kept), around_of(kept)
        medium = part(kept, "media")
        media = text_of(medium, "id") or text_of(around, "media")
        if media is None:
            msg = "the comment was kept without its medium"
            raise FieldError(msg)
        if not isinstance(kept.get("text"), str) and "timestamp" not in kept:
            msg = "the comment has neither text nor date"
            raise FieldError(msg)
        parent = text_of(kept, "parent_id") or text_of(around, "parent")
        us = text_of(medium, "username") or text_of(around, "us")
        link = text_of(medium, "permalink") or text_of(around, "permalink")
        url = f"{link.rstrip('/')}/c/{key}/" if link is not None else SITE
        author = _author(kept)
        handle = None if author is None else author.handle
        elsewhere = text_of(around, "edge") == MENTION
        named_us = not elsewhere and us is not None and handle == us
        own = author is not None and (author.external_id in self.own or named_us)
        named = len(f"@{handle} ") if parent is not None and handle else 0
        return Item(
            external_id=key,
            kind=Kind.COMMENT,
            text=text_of(kept, "text") or "",
            author=author,
            url=url,
            published_at=instant(kept.get("timestamp")),
            parent_external_id=parent or media,
            thread_external_id=media,
            counts=Counts(likes=number_of(kept, "like_count"), replies=_answers(kept)),
            is_own=own,
            addressed=not own,
            capabilities=Capabilities(
                can_reply=True,
                can_hide=not own and not elsewhere,
                max_length=LONGEST - named,
                deep_link=url,
                can_narrow=self.writes_privately and not own and parent is None and not elsewhere,
                can_recheck=not elsewhere,
                can_fetch_parent=not elsewhere,
            ),
            tags=("hidden",) if flag_of(kept, "hidden") else (),
            extra={
                "what": COMMENT,
                "id": key,
                "media": media,
                "permalink": link,
                "us": us,
                "parent": parent,
                "reply_to": parent or key,
                **({"edge": MENTION} if elsewhere else {}),
            },
            raw=kept,
        )

    def again(self, target: Target, body: Mapping[str, Json]) -> Item:
        """Read the answer to a recheck."""
        return self.read({**body, OURS: {key: target.extra[key] for key in _AROUND if key in target.extra}})


def answers_in(kept: dict[str, Json]) -> list[Json]:
    """The answers that stand inside a comment's entry."""
    return items_of(part(kept, "replies"), "data")


def _answers(kept: dict[str, Json]) -> int | None:
    """How many answers there are, where all of them stand in the entry."""
    if "replies" not in kept or text_of(part(part(kept, "replies"), "paging"), "next") is not None:
        return None
    return len(answers_in(kept))


def _author(kept: dict[str, Json]) -> Author | None:
    """Names change, so the id is the identity; without the permission only the name is given."""
    writer = part(kept, "from")
    name = text_of(writer, "username") or text_of(kept, "username")
    key = text_of(writer, "id")
    if key is None:
        return _named(name)
    return Author(key, handle=name, name=name, url=f"{SITE}/{name}/" if name else None)


def _named(name: str | None) -> Author | None:
    return None if name is None else Author(name, handle=name, name=name, url=f"{SITE}/{name}/")


def _media(kept: dict[str, Json]) -> tuple[Media, ...]:
    address = text_of(kept, "media_url")
    if text_of(kept, "media_type") == "VIDEO":
        still = text_of(kept, "thumbnail_url")
        return (Media(still),) if still is not None else () if address is None else (Media(address, MediaKind.VIDEO),)
    return () if address is None else (Media(address),)
