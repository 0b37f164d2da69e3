"""From a video or a comment to an item. Ids are larger than some programs can count: they stay text everywhere."""

from __future__ import annotations

from datetime import datetime

from connectors.fields import FieldError, as_object, flag_of, need_id, number_of, part, text_of
from connectors.instants import parse_unix
from connectors.items import Author, Capabilities, Counts, Item, Json, Kind, Media

LONGEST = 150
"""Characters of an answer."""
OURS = "klankbord"
"""Key under which something kept carries what its own JSON lacks, so that it can be read again on its own."""
COMMENT, VIDEO = "comment", "video"


def with_context(
    value: Json, what: str, own: frozenset[str], *, link: str | None = None, us: tuple[str, str | None] | None = None
) -> Json:
    """Give an entry of an answer what its own JSON lacks; anything but an object stays as it is.

    Args:
        value: the entry.
        what: COMMENT or VIDEO.
        own: ids and names of the brand's accounts.
        link: address of the video that a comment stands under: a comment has none.
        us: id and name of the account, which a video does not tell.
    """
    if not isinstance(value, dict):
        return value
    names = (value.get(name) for name in ("user_id", "unique_identifier", "username"))
    ours = flag_of(value, "owner") or not own.isdisjoint({str(name).casefold() for name in names if name is not None})
    kept = {name: each for name, each in value.items() if name != "reply_list"}
    context: dict[str, Json] = {"what": what, "own": ours or what == VIDEO, "link": link}
    if us is not None:
        context |= {"user_id": us[0], "username": us[1]}
    return {**kept, OURS: context}


def read(kept: Json) -> Item:
    """Read an entry that has its context.

    Raises:
        ValueError: it cannot be read.
    """
    value = as_object(kept, "the entry")
    return _video(value) if text_of(part(value, OURS), "what") == VIDEO else _comment(value)


def written_at(entry: Json) -> datetime | None:
    """When something was written: seconds since 1970, sometimes as text."""
    at = number_of(entry, "create_time") if isinstance(entry, dict) else None
    try:
        return None if at is None else parse_unix(at)
    except ValueError:
        return None


def _video(video: dict[str, Json]) -> Item:
    key, link = need_id(video, "item_id"), text_of(video, "share_url")
    return Item(
        external_id=key,
        kind=Kind.POST,
        text=text_of(video, "caption") or "[video]",
        author=_author(part(video, OURS)),
        url=link,
        published_at=written_at(video),
        thread_external_id=key,
        counts=Counts(
            likes=number_of(video, "likes"),
            replies=number_of(video, "comments"),
            shares=number_of(video, "shares"),
            views=number_of(video, "video_views"),
        ),
        is_own=True,
        capabilities=Capabilities(
            why_not_reply="This is your own video: write a comment of your own in TikTok.", deep_link=link
        ),
        extra={"video_id": key},
        raw=video,
    )


def _comment(comment: dict[str, Json]) -> Item:
    key, video = need_id(comment, "comment_id"), need_id(comment, "video_id")
    context = part(comment, OURS)
    link, own = text_of(context, "link"), flag_of(context, "own")
    text = text_of(comment, "text")
    picture = text_of(comment, "image_uri")
    if text is None and picture is None:
        msg = "the comment has neither words nor a picture"
        raise FieldError(msg)
    parent = _id(comment, "parent_comment_id")
    status = (text_of(comment, "status") or "").upper()
    return Item(
        external_id=key,
        kind=Kind.COMMENT,
        text=text or "[picture]",
        author=_author(comment),
        url=link,
        published_at=written_at(comment),
        parent_external_id=parent or video,
        thread_external_id=video,
        counts=Counts(likes=number_of(comment, "likes"), replies=number_of(comment, "replies")),
        is_own=own,
        addressed=not own,
        capabilities=Capabilities(
            can_reply=True,
            can_like=not own,
            can_hide=not own and status != "HIDDEN",
            max_length=LONGEST,
            deep_link=link,
            can_recheck=parent is None,
            can_fetch_parent=parent is not None,
        ),
        media=(Media(picture),) if picture is not None and picture.startswith("https://") else (),
        tags=("hidden",) if status == "HIDDEN" else (),
        # Answers have one level: who answers an answer stands beside it.
        extra={"video_id": video, "top_id": parent or key, "link": link},
        raw=comment,
    )


def _id(source: dict[str, Json], key: str) -> str | None:
    """An id that may be absent; 0 stands for none."""
    value = source.get(key)
    return str(value) if isinstance(value, str | int) and value not in {"", "0", 0} else None


def _author(comment: dict[str, Json]) -> Author | None:
    handle = text_of(comment, "username")
    key = text_of(comment, "unique_identifier") or _id(comment, "user_id") or handle
    if key is None:
        return None
    url = None if handle is None else f"https://www.tiktok.com/@{handle}"
    return Author(key, handle=handle, name=text_of(comment, "display_name"), url=url)
