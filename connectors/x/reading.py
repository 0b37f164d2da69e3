"""From a post of X to an item.

An edit makes a new id; `edit_history_*` lists all, and the first one is the item's identity. An id holds the
millisecond at which it was given out (X's snowflake layout), so a post's first publication is known whichever version
is shown. Text comes with `&`, `<` and `>` escaped and with links shortened; both are undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.fields import FieldError, as_object, flag_of, items_of, need_id, number_of, part, text_of
from connectors.instants import parse_iso
from connectors.items import (
    Author,
    Capabilities,
    Counts,
    Item,
    Json,
    Kind,
    LengthUnit,
    Media,
    MediaKind,
    Rejected,
    Visibility,
)
from connectors.x.answers import Object
from connectors.x.summons import Account, answers_us, can_hide, names_us, summoned
from connectors.x.vocabulary import note_of, references_of, reposts_of, versions_of

OURS = "klankbord"
"""Key under which a kept post carries what its own JSON lacks, so that it can be read again on its own."""
LINK_LENGTH = 23
"""X shortens every link to so many characters (twitter-text configuration, version 3)."""
_EPOCH_MS = 1288834974657
_FIRST_SNOWFLAKE = 1 << 35
_NO_LANGUAGE = {"und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"}
_OLD_CODES = {"in": "id", "iw": "he", "ji": "yi"}
_KINDS = {"photo": MediaKind.IMAGE, "video": MediaKind.VIDEO, "animated_gif": MediaKind.VIDEO}
_NOT_CONNECTED = "Our X account is not connected for answering: run `klankbord connect x`, or answer there by hand."
_NOT_SUMMONED = "X lets an app answer only people who name, answer or quote your account: answer there by hand."
_OWN = "This is a post of your own account."


@dataclass(frozen=True, slots=True)
class Us:
    """What we are on X, and what we may do there."""

    account: Account = field(default_factory=Account)
    can_act: bool = False
    max_length: int = 280


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known while reading one answer.

    Attributes:
        us: our account.
        addressed: everything in the answer was directed at us.
        ours: everything in the answer stands in conversations that we began.
        by_us: everything in the answer was written by us.
    """

    us: Us
    addressed: bool = False
    ours: bool = False
    by_us: bool = False

    def read(self, body: Object) -> tuple[tuple[Item, ...], tuple[Rejected, ...]]:
        """Read every post of an answer; the unreadable ones are set aside, mere reposts left out."""
        data = body.get("data")
        posts = data if isinstance(data, list) else [] if data is None else [data]
        includes = part(body, "includes")
        users, media = by_key(includes, "users", "id"), by_key(includes, "media", "media_key")
        items: list[Item] = []
        rejected: list[Rejected] = []
        for post in posts:
            try:
                item = self._one(as_object(post, "the post"), users, media)
            except ValueError as error:
                rejected.append(Rejected(str(error), post, _name(post)))
                continue
            if item is not None:
                items.append(item)
        return tuple(items), tuple(rejected)

    def _one(self, post: Object, users: Mapping[str, Object], media: Mapping[str, Object]) -> Item | None:
        if "retweeted" in references_of(post):
            return None  # a repost says nothing of its own
        context: Object = {"addressed": self.addressed, "ours": self.ours, "by_us": self.by_us}
        author = users.get(text_of(post, "author_id") or "")
        if author is not None:
            context["author"] = author
        keys = items_of(part(post, "attachments"), "media_keys")
        attached: list[Json] = [media[key] for key in keys if isinstance(key, str) and key in media]
        if attached:
            context["media"] = attached
        return read_kept({**post, OURS: context}, self.us)


def read_kept(post: Object, us: Us) -> Item:
    """Read one post that carries its context.

    Raises:
        ValueError: a needed field is missing or wrong.
    """
    context, key = part(post, OURS), need_id(post)
    versions, references = versions_of(post) or [key], references_of(post)
    made = parse_iso(post.get("created_at"))
    edited = len(versions) > 1
    user = part(context, "author")
    handle = text_of(user, "username")
    own = flag_of(context, "by_us") or us.account.wrote(text_of(post, "author_id"), handle)
    root, parent = text_of(post, "conversation_id"), references.get("replied_to")
    metrics = part(post, "public_metrics")
    directed = flag_of(context, "addressed") or names_us(post, us.account) or answers_us(post, us.account)
    return Item(
        external_id=versions[0],
        kind=Kind.POST if parent is None else Kind.COMMENT,
        text=words_of(post),
        author=author_of(text_of(post, "author_id"), user, us.account if own else None),
        url=f"https://x.com/{handle or 'i'}/status/{key}",
        lang_hint=_language(text_of(post, "lang")),
        published_at=time_of(versions[0]) or made,
        edited_at=made if edited else None,
        parent_external_id=parent,
        thread_external_id=root,
        counts=Counts(
            likes=number_of(metrics, "like_count"),
            replies=number_of(metrics, "reply_count"),
            shares=_sum(reposts_of(metrics), number_of(metrics, "quote_count")),
            views=number_of(metrics, "impression_count"),
        ),
        visibility=Visibility.PRIVATE if flag_of(user, "protected") else Visibility.PUBLIC,
        is_own=own,
        addressed=directed and not own,
        capabilities=_capabilities(post, us, key, own=own, ours=flag_of(context, "ours")),
        tags=tuple(
            tag
            for each in items_of(part(post, "entities"), "hashtags")
            if isinstance(each, dict) and (tag := text_of(each, "tag"))
        ),
        media=media_of(items_of(context, "media")),
        extra={"post": key},
        raw=post,
    )


def time_of(key: str) -> datetime | None:
    """The instant at which X gave out an id; None for ids from before November 2010, which hold no time."""
    number = int(key) if key.isascii() and key.isdigit() else 0
    if number < _FIRST_SNOWFLAKE:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(number >> 22) + _EPOCH_MS)


def created_of(post: Json) -> datetime | None:
    """When the shown version of a post was made; None when that cannot be read."""
    try:
        return parse_iso(post.get("created_at")) if isinstance(post, dict) else None
    except ValueError:
        return None


def words_of(post: Object) -> str:
    """The text of a post with its links in full; a post of pictures alone keeps the links to them.

    Raises:
        FieldError: it has no text.
    """
    note = note_of(post)
    source = note if text_of(note, "text") is not None else post
    given = source.get("text")
    if not isinstance(given, str):
        msg = "the field 'text' is missing or not a text"
        raise FieldError(msg)
    text = given
    for each in items_of(part(source, "entities"), "urls"):
        if not isinstance(each, dict):
            continue
        short, full = text_of(each, "url"), text_of(each, "expanded_url")
        if short is not None and full is not None:
            text = text.replace(short, "" if text_of(each, "media_key") is not None else full)
    text = _plain(text).strip()
    return text or _plain(given)


def author_of(author_id: str | None, user: Object, us: Account | None = None) -> Author | None:
    """Who wrote something; None when X does not say. `us` names our own account where X leaves it out."""
    handle = text_of(user, "username") or (us.handle if us is not None else None)
    key = author_id or text_of(user, "id") or (us.id if us is not None else None)
    if key is None:
        return None
    return Author(
        external_id=key,
        handle=handle,
        name=text_of(user, "name"),
        url=f"https://x.com/{handle}" if handle else f"https://x.com/i/user/{key}",
        followers=number_of(part(user, "public_metrics"), "followers_count"),
    )


def media_of(attached: Sequence[Json]) -> tuple[Media, ...]:
    """Pictures and videos; of a video X gives a still."""
    found = []
    for each in attached:
        if not isinstance(each, dict):
            continue
        address = text_of(each, "url") or text_of(each, "preview_image_url")
        if address is not None and address.startswith(("http://", "https://")):
            found.append(
                Media(
                    address,
                    _KINDS.get(text_of(each, "type") or "", MediaKind.FILE),
                    text_of(each, "alt_text"),
                    number_of(each, "width"),
                    number_of(each, "height"),
                )
            )
    return tuple(found)


def by_key(includes: Object, kind: str, key: str) -> dict[str, Object]:
    """Included objects by their key."""
    found = {}
    for each in items_of(includes, kind):
        if isinstance(each, dict) and (name := text_of(each, key)) is not None:
            found[name] = each
    return found


def _capabilities(post: Object, us: Us, key: str, *, own: bool, ours: bool) -> Capabilities:
    why = None
    if own:
        why = _OWN
    elif not us.can_act:
        why = _NOT_CONNECTED
    elif not summoned(post, us.account):
        why = _NOT_SUMMONED
    return Capabilities(
        can_reply=why is None,
        why_not_reply=why,
        can_hide=us.can_act and can_hide(post, us.account, ours=ours),
        max_length=us.max_length,
        length_unit=LengthUnit.WEIGHTED,
        link_length=LINK_LENGTH,
        deep_link=f"https://x.com/intent/post?in_reply_to={key}",
        can_recheck=True,
        can_fetch_parent="replied_to" in references_of(post),
    )


def _language(code: str | None) -> str | None:
    return None if code is None or code in _NO_LANGUAGE else _OLD_CODES.get(code, code)


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


def _name(post: Json) -> str | None:
    return text_of(post, "id") if isinstance(post, dict) else None
