"""From the Threads API's media to items.

The API names people by their handle only, also where it knows more, so the handle is the author's identity here. Our
own posts are known by it and by `is_reply_owned_by_me`. A search tells neither what a hit answers nor who owns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import Target
from connectors.fields import FieldError, flag_of, need_id, part, text_of
from connectors.items import Author, Capabilities, Item, Json, Kind, LengthUnit, Media, MediaKind
from connectors.meta.graph import instant
from connectors.meta.kept import OURS, around_of

SITE = "https://www.threads.com"
LONGEST = 500
OWN, REPLY, MENTION, SEARCH = "own", "reply", "mention", "search"
SEARCH_FIELDS = (
    "id,media_product_type,media_type,media_url,permalink,username,text,timestamp,shortcode,thumbnail_url,"
    "is_quote_post,has_replies,alt_text,topic_tag"
)
FIELDS = f"{SEARCH_FIELDS},is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status,reply_audience"
_AROUND = ("edge", "root", "own_thread")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one account, known by its handle in lower case."""

    username: str

    def read(self, kept: dict[str, Json]) -> Item:
        """Read one post.

        Raises:
            ValueError: it cannot be read.
        """
        key, around, name = need_id(kept), around_of(kept), text_of(kept, "username")
        if not isinstance(kept.get("text"), str) and "timestamp" not in kept:
            msg = "the post has neither text nor date"
            raise FieldError(msg)
        edge = text_of(around, "edge") or REPLY
        own = flag_of(kept, "is_reply_owned_by_me") or (name is not None and name.casefold() == self.username)
        parent = text_of(part(kept, "replied_to"), "id")
        root = text_of(part(kept, "root_post"), "id") or text_of(around, "root")
        own_thread = flag_of(around, "own_thread")
        if edge == OWN and not flag_of(kept, "is_reply"):
            root, own_thread = key, True
        url = self._url(kept, name)
        return Item(
            external_id=key,
            kind=Kind.COMMENT if parent is not None else Kind.POST,
            text=text_of(kept, "text") or "",
            author=None if name is None else Author(name, handle=name, name=name, url=f"{SITE}/@{name}"),
            url=url,
            published_at=instant(kept.get("timestamp")),
            parent_external_id=parent,
            thread_external_id=root,
            is_own=own,
            addressed=not own and edge in {REPLY, MENTION},
            capabilities=Capabilities(
                can_reply=True,
                can_hide=own_thread and not own and parent is not None and parent == root,
                max_length=LONGEST,
                length_unit=LengthUnit.EMOJI_BYTES,
                deep_link=url,
                can_recheck=own_thread or own,
                can_fetch_parent=parent is not None,
            ),
            tags=_tags(kept),
            media=_media(kept),
            extra={"id": key, "edge": edge, "root": root, "replied_to": parent, "own_thread": own_thread},
            raw=kept,
        )

    def again(self, target: Target, body: Mapping[str, Json]) -> Item:
        """Read the answer to a recheck."""
        return self.read({**body, OURS: {key: target.extra[key] for key in _AROUND if key in target.extra}})

    def _url(self, kept: dict[str, Json], name: str | None) -> str:
        code = text_of(kept, "shortcode")
        built = f"{SITE}/@{name}/post/{code}" if name and code else f"{SITE}/@{name or self.username}"
        return text_of(kept, "permalink") or built


def _tags(kept: dict[str, Json]) -> tuple[str, ...]:
    topic = text_of(kept, "topic_tag")
    hidden = ("hidden",) if text_of(kept, "hide_status") == "HIDDEN" else ()
    return (*hidden, topic) if topic is not None else hidden


def _media(kept: dict[str, Json]) -> tuple[Media, ...]:
    address, alt = text_of(kept, "media_url"), text_of(kept, "alt_text")
    if address is None:
        return ()
    moving = text_of(kept, "media_type") == "VIDEO"
    still = text_of(kept, "thumbnail_url") if moving else None
    if still is not None:
        return (Media(still, alt=alt),)
    return (Media(address, MediaKind.VIDEO if moving else MediaKind.IMAGE, alt),)
