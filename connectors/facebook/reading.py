"""From the Graph API's posts, comments and recommendations to items.

A comment is called `<post>_<comment>` in one answer and `<comment>` in another, so its last part is its identity. A
post keeps its whole id. Comments are two levels deep: an answer to an answer hangs under the same first comment.
`from` is missing without the right permission, and for people who block apps: the author then stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import Target
from connectors.fields import FieldError, flag_of, items_of, need_id, number_of, part, text_of
from connectors.items import Author, Capabilities, Counts, Item, Json, Kind, Media, MediaKind, Visibility
from connectors.meta.graph import instant
from connectors.meta.kept import OURS, around_of, may

SITE = "https://www.facebook.com"
LONGEST = 8000
POST, COMMENT, REVIEW, MESSAGE = "post", "comment", "review", "message"
POST_FIELDS = (
    "id,message,story,created_time,from,permalink_url,is_hidden,can_reply_privately,full_picture,shares,"
    "comments.filter(stream).limit(0).summary(true)"
)
COMMENT_FIELDS = (
    "id,message,created_time,from,permalink_url,parent{id},is_hidden,is_private,can_reply_privately,can_hide,"
    "can_comment,can_like,can_remove,comment_count,like_count,attachment"
)
REVIEW_FIELDS = "created_time,recommendation_type,review_text,has_rating,has_review,rating,reviewer,open_graph_story"
COMMON_FIELDS = "id,message,created_time,from,permalink_url,is_hidden,can_reply_privately"
"""What posts and comments both have: a recheck asks for both in one call."""
_FLAGS = ("can_comment", "can_hide", "can_like", "can_remove", "can_reply_privately", "is_private")
_AROUND = ("what", "post", "edge", "parent")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one page.

    Attributes:
        page: its id: what it wrote is ours.
        writes_privately: a comment can be answered by a private message.
    """

    page: str
    writes_privately: bool = False

    def read(self, kept: dict[str, Json]) -> Item:
        """Read an entry by what it was kept as.

        Raises:
            ValueError: it cannot be read.
        """
        what = text_of(around_of(kept), "what")
        if what == REVIEW:
            return self.review(kept)
        return self.comment(kept) if what == COMMENT else self.post(kept)

    def post(self, kept: dict[str, Json]) -> Item:
        """Read a post: our own, a visitor's, or one that tags the page."""
        key, edge = need_id(kept), text_of(around_of(kept), "edge") or "own"
        writer = part(kept, "from")
        own = text_of(writer, "id") == self.page
        text = text_of(kept, "message") or text_of(kept, "story")
        if text is None and "created_time" not in kept:
            msg = "the post has neither text nor date"
            raise FieldError(msg)
        url = text_of(kept, "permalink_url") or f"{SITE}/{key}"
        picture = text_of(kept, "full_picture")
        tagged = edge == "tagged"
        return Item(
            external_id=key,
            kind=Kind.POST,
            text=text or "",
            author=_author(writer),
            url=url,
            published_at=instant(kept.get("created_time")),
            thread_external_id=key,
            counts=Counts(
                replies=number_of(part(part(kept, "comments"), "summary"), "total_count"),
                shares=number_of(part(kept, "shares"), "count"),
            ),
            is_own=own,
            addressed=not own,
            capabilities=Capabilities(
                can_reply=not tagged,
                why_not_reply="Facebook lets a page answer only under posts on the page itself: answer by hand."
                if tagged
                else None,
                can_like=not tagged,
                can_hide=edge == "visitor",
                max_length=LONGEST,
                deep_link=url,
                can_recheck=True,
            ),
            media=() if picture is None else (Media(picture),),
            extra={
                "what": POST,
                "id": key,
                "post": key,
                "reply_to": key,
                "edge": edge,
                "story": text_of(kept, "story"),
                **_flags(kept),
            },
            raw=kept,
        )

    def comment(self, kept: dict[str, Json]) -> Item:
        """Read a comment of either level."""
        whole, around, writer = need_id(kept), around_of(kept), part(kept, "from")
        post = text_of(around, "post")
        if post is None:
            msg = "the comment was kept without its post"
            raise FieldError(msg)
        if not isinstance(kept.get("message"), str) and "created_time" not in kept:
            msg = "the comment has neither text nor date"
            raise FieldError(msg)
        key = whole.rpartition("_")[2]
        first = text_of(part(kept, "parent"), "id") or text_of(around, "parent")
        own = text_of(writer, "id") == self.page
        url = text_of(kept, "permalink_url") or f"{SITE}/{post}?comment_id={key}"
        can_reply = may(kept, "can_comment")
        private = self.writes_privately and flag_of(kept, "can_reply_privately")
        return Item(
            external_id=key,
            kind=Kind.COMMENT,
            text=text_of(kept, "message") or "",
            author=_author(writer),
            url=url,
            published_at=instant(kept.get("created_time")),
            parent_external_id=post if first is None else first.rpartition("_")[2],
            thread_external_id=post,
            counts=Counts(likes=number_of(kept, "like_count"), replies=number_of(kept, "comment_count")),
            visibility=Visibility.PRIVATE if flag_of(kept, "is_private") else Visibility.PUBLIC,
            is_own=own,
            addressed=not own,
            capabilities=Capabilities(
                can_reply=can_reply,
                why_not_reply=None if can_reply else "Facebook allows no answer under this comment.",
                can_like=may(kept, "can_like"),
                can_hide=not own and may(kept, "can_hide"),
                max_length=LONGEST,
                deep_link=url,
                can_narrow=private,
                can_recheck=True,
                can_fetch_parent=True,
            ),
            tags=("hidden",) if flag_of(kept, "is_hidden") else (),
            media=_media(part(kept, "attachment")),
            extra={
                "what": COMMENT,
                "id": whole,
                "post": post,
                "parent": first,
                "reply_to": first or whole,
                **_flags(kept),
            },
            raw=kept,
        )

    def review(self, kept: dict[str, Json]) -> Item:
        """Read a recommendation. It has no id of its own: the story it is told in has one."""
        writer = part(kept, "reviewer")
        story = text_of(part(kept, "open_graph_story"), "id")
        person = text_of(writer, "id")
        if story is None and person is None:
            msg = "the review has neither a story nor a reviewer, so it has no identity"
            raise FieldError(msg)
        rating, scale = _rating(kept)
        key = story or f"review-{self.page}-{person}"
        url = f"{SITE}/{story}" if story is not None else f"{SITE}/{self.page}/reviews"
        return Item(
            external_id=key,
            kind=Kind.REVIEW,
            text=text_of(kept, "review_text") or "",
            author=_author(writer),
            url=url,
            published_at=instant(kept.get("created_time")),
            thread_external_id=key,
            rating=rating,
            rating_scale=scale,
            addressed=True,
            capabilities=Capabilities(
                can_reply=story is not None,
                why_not_reply=None if story is not None else "Facebook does not name this review: answer by hand.",
                max_length=LONGEST,
                deep_link=url,
            ),
            extra={"what": REVIEW, "id": story, "post": story, "reply_to": story},
            raw=kept,
        )

    def again(self, target: Target, body: Mapping[str, Json]) -> Item:
        """Read the answer to a recheck: what it leaves out is known from when it was kept."""
        extra = dict(target.extra)
        known = {key: extra[key] for key in (*_FLAGS, "story") if key in extra}
        around = {key: extra[key] for key in _AROUND if key in extra}
        return self.read({**known, **body, OURS: around})


def _flags(kept: dict[str, Json]) -> dict[str, Json]:
    """What a recheck does not ask, because posts and comments do not both have it."""
    return {key: kept[key] for key in _FLAGS if isinstance(kept.get(key), bool)}


def _author(writer: dict[str, Json]) -> Author | None:
    key = text_of(writer, "id")
    return None if key is None else Author(key, name=text_of(writer, "name"), url=f"{SITE}/{key}")


def _rating(kept: dict[str, Json]) -> tuple[float | None, float | None]:
    """Stars where there are some; a recommendation is one of one, its opposite none of one."""
    stars = number_of(kept, "rating")
    if stars is not None:
        return float(stars), 5.0
    word = text_of(kept, "recommendation_type")
    if word in {"positive", "negative"}:
        return (1.0 if word == "positive" else 0.0), 1.0
    return None, None


def _media(attachment: dict[str, Json]) -> tuple[Media, ...]:
    image = part(part(attachment, "media"), "image")
    address = text_of(image, "src")
    found = []
    if address is not None:
        moving = "video" in (text_of(attachment, "type") or "")
        kind = MediaKind.VIDEO if moving else MediaKind.IMAGE
        source = text_of(part(attachment, "media"), "source") if moving else None
        found.append(Media(source or address, kind, width=number_of(image, "width"), height=number_of(image, "height")))
    below = items_of(part(attachment, "subattachments"), "data")
    return (*found, *(each for one in below if isinstance(one, dict) for each in _media(one)))
