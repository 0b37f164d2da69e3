"""From a thing of Reddit (a post, a comment, a private message) to an item.

The fullname (`t3_…`, `t1_…`, `t4_…`) is the identity: good all over Reddit, and the same in the feeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
from connectors.instants import parse_unix
from connectors.items import Author, Capabilities, Counts, Deleted, Item, Json, Kind, Media, Rejected, Visibility
from connectors.reddit.api import Api

MOST_CHARACTERS = 10_000
"""Longest comment and message, in code points."""
SITE = "https://www.reddit.com"
POST, COMMENT, MESSAGE = "t3", "t1", "t4"
_ENDED = {"[deleted]", "[removed]", "[ Removed by Reddit ]"}
_CLOSED = {"private", "employees_only", "gold_only", "gold_restricted"}
_NO_LOGIN = "No account is logged in on Reddit for this source: answer there by hand."
_NO_RIGHT = "The login has no right to write: run klankbord connect reddit again and allow submit."
_LOCKED = "The thread is locked: only moderators can answer."
_ARCHIVED = "The thread is archived: Reddit takes no more answers."
_NOBODY = "The account that wrote this was deleted: there is nobody to answer."


@dataclass
class Found:
    """What was read of one answer; `times` of all things that tell theirs, in order, removed ones too."""

    items: list[Item] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    deleted: list[Deleted] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    more: list[str] = field(default_factory=list)


def read_things(api: Api, children: Sequence[Json], *, addressed: bool = False) -> Found:
    """Read the things of a listing, with the replies inside them.

    Args:
        api: of the source.
        children: of a listing, each with its kind and data.
        addressed: they are directed at our account.
    """
    found = Found()
    waiting = list(reversed(children))  # threads nest deep: a stack instead of calls within calls
    while waiting:
        child = waiting.pop()
        try:
            kind, data = _parts(child)
            if kind == "more":
                found.more += _folded(data)
                continue
            below = part(data, "replies")
            at = _time(data)
            name = fullname(kind, data)
            if at is not None:
                found.times.append(at)
            if is_gone(data):
                found.deleted.append(Deleted(name))
            else:
                found.items.append(read_thing(api, kind, data, addressed=addressed))
            waiting += reversed(items_of(part(below, "data"), "children"))
        except ValueError as error:
            payload = {**child, "addressed": addressed} if isinstance(child, dict) else child
            found.rejected.append(Rejected(str(error), payload, _name(child)))
    return found


def _folded(data: dict[str, Json]) -> list[str]:
    """What stands behind a fold: ids; where a thread goes on deeper than an answer shows, its last comment's name."""
    children = [each for each in items_of(data, "children") if isinstance(each, str)]
    deeper = text_of(data, "parent_id") or ""
    return children or ([deeper] if deeper.startswith(COMMENT) else [])


def read_thing(api: Api, kind: str, data: dict[str, Json], *, addressed: bool = False) -> Item:
    """Read one thing.

    Raises:
        ValueError: a needed field is missing or wrong.
    """
    if kind not in {POST, COMMENT, MESSAGE}:
        msg = f"a thing of the kind {kind!r} is neither post nor comment nor message"
        raise FieldError(msg)
    ours = (text_of(data, "subreddit") or "").casefold() in api.ours
    kept: dict[str, Json] = {key: value for key, value in data.items() if key != "replies"}
    raw: Json = {"kind": kind, "data": kept, "addressed": addressed}
    if kind == MESSAGE:
        return _message(api, data, raw)
    return _post(api, data, raw, ours=ours, addressed=addressed or ours, comment=kind == COMMENT)


def _post(api: Api, data: dict[str, Json], raw: Json, *, ours: bool, addressed: bool, comment: bool) -> Item:
    name = fullname(COMMENT if comment else POST, data)
    author, own = _author(data), is_own(api, data)
    url, link = _address(data), _link(data) if comment else name
    body = "body" if comment else "selftext"
    html = text_of(data, f"{body}_html")
    words = need_text(data, "body") if comment else _words(data)
    return Item(
        external_id=name,
        kind=Kind.COMMENT if comment else Kind.POST,
        text=None if html is not None else words,
        html=html,
        title=None if comment else need_text(data, "title"),
        author=author,
        url=url,
        published_at=parse_unix(data.get("created_utc")),
        edited_at=_edited(data),
        parent_external_id=text_of(data, "parent_id") if comment else None,
        thread_external_id=link,
        counts=Counts(likes=number_of(data, "score"), replies=None if comment else number_of(data, "num_comments")),
        visibility=Visibility.PRIVATE if text_of(data, "subreddit_type") in _CLOSED else Visibility.PUBLIC,
        is_own=own,
        addressed=addressed,
        capabilities=_capabilities(api, data, url, ours=ours and not own, reply=comment),
        tags=() if comment else tuple(each for each in (_flair(data), _adult(data)) if each),
        media=() if comment else _pictures(data),
        extra={"link": link, "subreddit": text_of(data, "subreddit")},
        raw=raw,
    )


def _message(api: Api, data: dict[str, Json], raw: Json) -> Item:
    """A private message; its conversation is named by its first one."""
    name = fullname(MESSAGE, data)
    root = text_of(data, "first_message_name") or name
    author = _author(data)
    url = f"{SITE}/message/messages/{root.partition('_')[2]}"
    why = None if api.login.acts and author is not None else _NO_LOGIN if author is not None else _NOBODY
    html = text_of(data, "body_html")
    return Item(
        external_id=name,
        kind=Kind.MESSAGE,
        text=None if html is not None else need_text(data, "body"),
        html=html,
        title=text_of(data, "subject"),
        author=author,
        url=url,
        published_at=parse_unix(data.get("created_utc")),
        parent_external_id=text_of(data, "parent_id"),
        thread_external_id=root,
        visibility=Visibility.PRIVATE,
        is_own=is_own(api, data),
        addressed=True,
        capabilities=Capabilities(
            can_reply=why is None,
            why_not_reply=why,
            max_length=MOST_CHARACTERS,
            deep_link=url,
            can_fetch_parent=data.get("parent_id") is not None,
        ),
        extra={"link": root},
        raw=raw,
    )


def is_gone(data: dict[str, Json]) -> bool:
    """Whether a thing was deleted by its author or removed by others; the place stays, the words go."""
    if text_of(data, "removed_by_category") is not None or flag_of(data, "removed") or flag_of(data, "spam"):
        return True  # the last two are told to moderators only, who still see the words
    return any(data.get(name) in _ENDED for name in ("body", "selftext"))


def is_own(api: Api, data: dict[str, Json]) -> bool:
    """Whether our account wrote it: by its id, or by its name, which nobody else can ever have."""
    if api.options.account_id is not None and data.get("author_fullname") == api.options.account_id:
        return True
    return (text_of(data, "author") or "").casefold() in api.own


def fullname(kind: str, data: dict[str, Json]) -> str:
    """The name of a thing all over Reddit.

    Raises:
        ValueError: it has none.
    """
    return text_of(data, "name") or f"{kind}_{need_id(data)}"


def _parts(child: Json) -> tuple[str, dict[str, Json]]:
    thing = as_object(child, "the thing")
    kind = text_of(thing, "kind")
    if kind is None:
        msg = "the thing does not say of which kind it is"
        raise FieldError(msg)
    return kind, as_object(thing.get("data"), "the data of the thing")


def _name(child: Json) -> str | None:
    return text_of(part(child, "data"), "name") if isinstance(child, dict) else None


def _time(data: dict[str, Json]) -> datetime | None:
    try:
        return parse_unix(data.get("created_utc"))
    except ValueError:
        return None


def _edited(data: dict[str, Json]) -> datetime | None:
    """When it was changed: `false`, or seconds; very old things say `true` and no time."""
    value = data.get("edited")
    return None if value is None or isinstance(value, bool) else parse_unix(value)


def _author(data: dict[str, Json]) -> Author | None:
    """A deleted account is `[deleted]`; messages of Reddit itself have none."""
    name = text_of(data, "author")
    if name is None or name in _ENDED:
        return None
    return Author(
        text_of(data, "author_fullname") or f"u/{name}",
        handle=name,
        url=f"{SITE}/user/{name}",
        is_staff=text_of(data, "distinguished") in {"moderator", "admin"},
    )


def _words(data: dict[str, Json]) -> str:
    """A post's own words, or the address that it points at."""
    own = data.get("selftext")
    if isinstance(own, str) and own:
        return own
    return "" if data.get("is_self") is not False else text_of(data, "url") or ""


def _address(data: dict[str, Json]) -> str | None:
    path = text_of(data, "permalink") or (text_of(data, "context") or "").partition("?")[0]
    return f"{SITE}{path}" if path.startswith("/") else None


def _link(data: dict[str, Json]) -> str | None:
    """The post under which a comment stands; in the inbox only its address tells."""
    link = text_of(data, "link_id")
    if link is not None:
        return link
    parts = (text_of(data, "context") or "").split("/")
    return f"t3_{parts[parts.index('comments') + 1]}" if "comments" in parts[:-1] else None


def _flair(data: dict[str, Json]) -> str | None:
    return text_of(data, "link_flair_text")


def _adult(data: dict[str, Json]) -> str | None:
    return "nsfw" if flag_of(data, "over_18") else None


def _pictures(data: dict[str, Json]) -> tuple[Media, ...]:
    """Pictures of a gallery, else the one that a post shows."""
    found = []
    for each in part(data, "media_metadata").values():
        source = part(each, "s") if isinstance(each, dict) else {}
        found.append(_picture(source.get("u"), source.get("x"), source.get("y")))
    if not found:
        for each in items_of(part(data, "preview"), "images"):
            source = part(each, "source") if isinstance(each, dict) else {}
            found.append(_picture(source.get("url"), source.get("width"), source.get("height")))
    return tuple(each for each in found if each is not None)


def _picture(url: Json, width: Json, height: Json) -> Media | None:
    if not isinstance(url, str) or urlsplit(url).scheme not in {"http", "https"}:
        return None
    return Media(
        url, width=width if isinstance(width, int) else None, height=height if isinstance(height, int) else None
    )


def _capabilities(api: Api, data: dict[str, Json], url: str | None, *, ours: bool, reply: bool) -> Capabilities:
    acts = api.login.acts
    why = None
    if not acts:
        why = _NO_LOGIN
    elif not api.login.may("submit"):
        why = _NO_RIGHT
    elif flag_of(data, "archived"):
        why = _ARCHIVED
    elif flag_of(data, "locked"):
        why = _LOCKED
    return Capabilities(
        can_reply=why is None,
        why_not_reply=why,
        can_hide=acts and ours and api.login.may("modposts"),
        max_length=MOST_CHARACTERS,
        deep_link=url,
        can_recheck=api.login.renewable,
        can_fetch_parent=reply,
    )


def read_kept(api: Api, raw: Json) -> Item:
    """Read one kept thing again.

    Raises:
        ValueError: it still cannot be read.
    """
    kind, data = _parts(raw)
    return read_thing(api, kind, data, addressed=flag_of(as_object(raw), "addressed"))
