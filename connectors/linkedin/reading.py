"""From a comment, a post or a mention to an item.

A comment is known by its URN, which holds the URN of the *activity* it stands under, whatever it was asked by. LinkedIn
shows nobody's name: a member is known by a URN that only means something to this app.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from connectors.fields import FieldError, as_object, flag_of, items_of, need_id, need_text, number_of, part, text_of
from connectors.instants import parse_unix
from connectors.items import Author, Capabilities, Counts, Item, Json, Kind, Media

LONGEST = 1250
"""Characters of a comment."""
OURS = "klankbord"
"""Key under which something kept carries what its own JSON lacks, so that it can be read again on its own."""
_MENTION = re.compile(r"@\[([^\]]*)\]\([^)]*\)")
_HASHTAG = re.compile(r"\{hashtag\|\\?#\|([^}]*)\}")
_ESCAPE = re.compile(r"\\([|{}@\[\]()<>#*_~\\])")
COMMENT, POST, MENTION = "comment", "post", "mention"


def with_context(value: Json, what: str, own: frozenset[str], *, post: str | None = None) -> Json:
    """Give an entry of an answer what its own JSON lacks; anything but an object stays as it is."""
    if not isinstance(value, dict):
        return value
    writer = text_of(value, "actor") or text_of(value, "author") or ""
    return {**value, OURS: {"what": what, "own": writer in own, "post": post}}


def read(kept: Json) -> Item:
    """Read an entry that has its context.

    Raises:
        ValueError: it cannot be read.
    """
    value = as_object(kept, "the entry")
    what = text_of(part(value, OURS), "what")
    return {COMMENT: _comment, POST: _post, MENTION: _mention}.get(what or "", _comment)(value)


def comment_urn(comment: dict[str, Json]) -> str:
    """The name of a comment.

    Raises:
        FieldError: it has none.
    """
    return text_of(comment, "commentUrn") or f"urn:li:comment:({need_text(comment, 'object')},{need_id(comment)})"


def parts_of(urn: str) -> tuple[str, str] | None:
    """The object and the number of a comment, out of its URN; None for another URN."""
    found = re.fullmatch(r"urn:li:comment:\((urn:li:\w+:\w+),(\w+)\)", urn)
    return None if found is None else (found[1], found[2])


def has_replies(comment: Json) -> bool:
    """Whether somebody answered a comment."""
    counts = part(comment, "commentsSummary") if isinstance(comment, dict) else {}
    return any((number_of(counts, name) or 0) > 0 for name in ("totalFirstLevelComments", "aggregatedTotalComments"))


def _comment(comment: dict[str, Json]) -> Item:
    urn, context = comment_urn(comment), part(comment, OURS)
    found = parts_of(urn)
    if found is None:
        msg = f"{urn!r} is no name of a comment"
        raise FieldError(msg)
    about, number = found
    text = text_of(part(comment, "message"), "text")
    media = tuple(_media(comment))
    if text is None and not media:
        msg = "the comment has neither words nor a picture"
        raise FieldError(msg)
    created, changed = _at(part(comment, "created"), "time"), _at(part(comment, "lastModified"), "time")
    parent, post, own = text_of(comment, "parentComment"), text_of(context, "post"), flag_of(context, "own")
    url = f"https://www.linkedin.com/feed/update/{about}?commentUrn={quote(urn, safe='')}"
    return Item(
        external_id=urn,
        kind=Kind.COMMENT,
        text=text or "[picture]",
        author=_author(text_of(comment, "actor")),
        url=url,
        published_at=created,
        edited_at=changed if created is not None and changed is not None and changed > created else None,
        parent_external_id=parent or post,
        thread_external_id=post or about,
        counts=Counts(
            likes=number_of(part(comment, "likesSummary"), "totalLikes"),
            replies=number_of(part(comment, "commentsSummary"), "totalFirstLevelComments"),
        ),
        is_own=own,
        addressed=not own,
        capabilities=_capabilities(url, known=True),
        media=media,
        extra={
            "what": COMMENT,
            "object": about,
            "comment_id": number,
            "post": post,
            # Answers have one level: who answers an answer stands beside it.
            "reply_to": parent or urn,
        },
        raw=comment,
    )


def _post(post: dict[str, Json]) -> Item:
    urn = need_id(post)
    url = f"https://www.linkedin.com/feed/update/{urn}"
    created = _at(post, "publishedAt") or _at(post, "createdAt")
    changed = _at(post, "lastModifiedAt")
    edited = flag_of(part(post, "lifecycleStateInfo"), "isEditedByAuthor")
    return Item(
        external_id=urn,
        kind=Kind.POST,
        text=plain(text_of(post, "commentary") or "") or "[picture]",
        author=_author(text_of(post, "author")),
        url=url,
        published_at=created,
        edited_at=changed if edited else None,
        thread_external_id=urn,
        is_own=flag_of(part(post, OURS), "own"),
        addressed=not flag_of(part(post, OURS), "own"),
        capabilities=_capabilities(url, known=False),
        extra={"what": POST, "object": urn, "reply_to": urn, "post": urn},
        raw=post,
    )


def _mention(told: dict[str, Json]) -> Item:
    """A post of somebody else that names the page: all that is known of it stands in the notification."""
    shown = part(told, "decoratedSourcePost")
    urn = text_of(told, "generatedActivity") or need_text(told, "sourcePost")
    url = f"https://www.linkedin.com/feed/update/{urn}"
    return Item(
        external_id=urn,
        kind=Kind.POST,
        text=plain(text_of(shown, "text") or "") or "[picture]",
        author=_author(text_of(shown, "owner") or text_of(shown, "author")),
        url=url,
        published_at=_at(told, "lastModifiedAt"),
        thread_external_id=urn,
        is_own=flag_of(part(told, OURS), "own"),
        addressed=True,
        capabilities=_capabilities(url, known=False),
        extra={"what": MENTION, "object": urn, "reply_to": urn, "post": urn},
        raw=told,
    )


def plain(commentary: str) -> str:
    """A post's words without the signs of LinkedIn's own format: mentions, hashtags, escapes."""
    words = _HASHTAG.sub(r"#\1", _MENTION.sub(r"@\1", commentary))
    return _ESCAPE.sub(r"\1", words)


def _author(urn: str | None) -> Author | None:
    if urn is None:
        return None
    company = urn.removeprefix("urn:li:organization:")
    return Author(urn, url=None if company == urn else f"https://www.linkedin.com/company/{company}")


def _at(source: dict[str, Json], key: str) -> datetime | None:
    at = number_of(source, key)
    return None if at is None else parse_unix(at / 1000)


def _media(comment: dict[str, Json]) -> Iterator[Media]:
    for each in items_of(comment, "content"):
        address = text_of(each, "url") if isinstance(each, dict) else None
        if address is not None and address.startswith("https://"):
            yield Media(address)


def _capabilities(url: str, *, known: bool) -> Capabilities:
    """What can be done. `known`: LinkedIn can be asked for it by its number."""
    return Capabilities(
        can_reply=True,
        can_like=True,
        max_length=LONGEST,
        deep_link=url,
        can_recheck=known,
        can_fetch_parent=known,
    )
