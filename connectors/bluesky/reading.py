"""From a post to an item.

A post is known everywhere by its at-URI, which holds its author's DID; handles change. It comes in three shapes: a
view (search, threads, feeds), a notification (the same without counts and pictures), and the bare record of the
network's stream. All are brought into the shape of a view, with what we know beside it, and read in one way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.bluesky.pictures import pictures_of
from connectors.bluesky.syntax import POST, AtUri, is_did, parse_datetime
from connectors.fields import FieldError, as_object, flag_of, items_of, number_of, part, text_of
from connectors.items import Author, Capabilities, Counts, Item, Json, Kind, LengthUnit, Rejected, Visibility

OURS = "klankbord"
"""Key under which a kept post carries what its own JSON lacks, so that it can be read again on its own."""
WEB = "https://bsky.app"
MOST_GRAPHEMES, MOST_BYTES = 300, 3000
_NOT_OUTSIDE = "!no-unauthenticated"


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known while reading the posts of one answer.

    Attributes:
        us: DID of the account signed in; None before the first login.
        own: DIDs of all accounts that write for the brand.
        can_act: whether there is a login to answer with.
        addressed: the answer holds what was directed at our account.
    """

    us: str | None
    own: frozenset[str] = frozenset()
    can_act: bool = True
    addressed: bool = False

    def read(self, views: Sequence[Json]) -> tuple[list[Item], list[Rejected]]:
        """Read every post; the unreadable ones are set aside."""
        items: list[Item] = []
        rejected: list[Rejected] = []
        for view in views:
            try:
                items.append(self.one(as_object(view, "the post")))
            except ValueError as error:
                known = view.get("uri") if isinstance(view, dict) else None
                rejected.append(Rejected(str(error), self._marked(view), known if isinstance(known, str) else None))
        return items, rejected

    def one(self, view: dict[str, Json], *, edited: str | None = None) -> Item:
        """Read one post; `edited` is when its record was changed, where the stream tells.

        Raises:
            ValueError: a needed field is missing or wrong.
        """
        return read_kept({**view, OURS: {**self._context(), "edited": edited}})

    def _context(self) -> dict[str, Json]:
        own = {*self.own, *({self.us} if self.us else set())}
        return {"us": self.us, "own": [*sorted(own)], "act": self.can_act, "addressed": self.addressed}

    def _marked(self, view: Json) -> Json:
        return {**view, OURS: self._context()} if isinstance(view, dict) else view


def read_kept(view: dict[str, Json]) -> Item:
    """Read one post that carries its context.

    Raises:
        ValueError: a needed field is missing or wrong.
    """
    context, record = part(view, OURS), as_object(view.get("record"), "the record of the post")
    uri = post_uri(view)
    author = _author(view.get("author"), uri.authority)
    own = author.external_id in items_of(context, "own")
    us, reply = text_of(context, "us"), part(record, "reply")
    root, parent = ref_of(reply, "root"), ref_of(reply, "parent")
    url = f"{WEB}/profile/{uri.authority}/post/{uri.rkey}"
    langs = [each for each in items_of(record, "langs") if isinstance(each, str) and each]
    cid = text_of(view, "cid")
    return Item(
        external_id=str(uri),
        kind=Kind.COMMENT if parent else Kind.POST,
        text=_text(view, record),
        author=author,
        url=url,
        lang_hint=langs[0] if langs else None,
        published_at=_moment(record.get("createdAt")),
        edited_at=_moment(context.get("edited")),
        parent_external_id=parent[0] if parent else None,
        thread_external_id=root[0] if root else str(uri),
        counts=Counts(
            likes=number_of(view, "likeCount"),
            replies=number_of(view, "replyCount"),
            shares=number_of(view, "repostCount"),
        ),
        visibility=_visibility(view, record),
        is_own=own,
        addressed=not own and (flag_of(context, "addressed") or _names(record, us)),
        capabilities=_capabilities(view, context, url, own=own, cid=cid, root=root, reply=bool(parent)),
        tags=_tags(record),
        media=pictures_of(view, record, uri.authority),
        extra={
            "cid": cid,
            "root": None if root is None else {"uri": root[0], "cid": root[1]},
            "lang": langs[0] if langs else None,
            "us": us,
        },
        raw=view,
    )


def post_uri(view: dict[str, Json]) -> AtUri:
    """The identity of a post.

    Raises:
        FieldError: it has none, or is something else than a post.
    """
    try:
        uri = AtUri.parse(text_of(view, "uri") or "")
    except ValueError as error:
        msg = f"the post has no address: {error}"
        raise FieldError(msg) from error
    if uri.collection != POST or not uri.rkey or not is_did(uri.authority):
        msg = f"{uri} is not the address of a post"
        raise FieldError(msg)
    return uri


def ref_of(source: dict[str, Json], key: str) -> tuple[str, str] | None:
    """A strong reference (uri and cid) to a post; None when it is missing or none."""
    ref = part(source, key)
    uri, cid = text_of(ref, "uri"), text_of(ref, "cid")
    return (uri, cid) if uri is not None and uri.startswith("at://") and cid is not None else None


def indexed_at(view: Json) -> datetime | None:
    """When the network came to know a post; None when it does not say so readably."""
    return _moment(view.get("indexedAt")) if isinstance(view, dict) else None


def sorted_at(view: Json) -> datetime | None:
    """The instant by which search orders posts: the earlier of what the author claims and when it was indexed."""
    if not isinstance(view, dict):
        return None
    known = [at for at in (_moment(part(view, "record").get("createdAt")), indexed_at(view)) if at is not None]
    return min(known, default=None)


def _moment(value: Json) -> datetime | None:
    """An instant that a client may have made up: what cannot be read counts as not given."""
    try:
        return parse_datetime(value).astimezone(UTC) if value is not None else None
    except ValueError:
        return None


def _text(view: dict[str, Json], record: dict[str, Json]) -> str:
    """What was written; of a post without words what its author wrote beside the picture or link."""
    text = record.get("text")
    if not isinstance(text, str):
        msg = "the post has no text, not even an empty one"
        raise FieldError(msg)
    if text.strip():
        return text
    return "\n".join(words_beside(part(record, "embed") or part(view, "embed"))) or text


def words_beside(embed: dict[str, Json]) -> list[str]:
    """What an author wrote beside the text: with a link, a video, pictures, or a gallery of them."""
    media = part(embed, "media") or embed
    link, pictures = part(media, "external"), (*items_of(media, "images"), *items_of(media, "items"))
    alts = [text_of(each, "alt") for each in pictures if isinstance(each, dict)]
    said = [text_of(link, "title"), text_of(link, "description"), text_of(media, "alt"), *alts]
    return [each for each in said if each]


def _author(value: Json, did: str) -> Author:
    account = value if isinstance(value, dict) else {}
    handle = text_of(account, "handle")
    known = text_of(account, "did")
    if known is not None and known != did:
        msg = f"the post of {did} names {known} as its author"
        raise FieldError(msg)
    return Author(
        external_id=did,
        handle=None if handle == "handle.invalid" else handle,
        name=text_of(account, "displayName"),
        url=f"{WEB}/profile/{did}",
        followers=number_of(account, "followersCount"),
        is_bot="bot" in _labels(account),
    )


def _labels(source: dict[str, Json]) -> set[str]:
    given = [*items_of(source, "labels"), *items_of(part(source, "labels"), "values")]
    return {text_of(each, "val") or "" for each in given if isinstance(each, dict) and each.get("neg") is not True}


def _visibility(view: dict[str, Json], record: dict[str, Json]) -> Visibility:
    """Who asked not to be shown to people who are not signed in counts as unlisted."""
    labels = _labels(part(view, "author")) | _labels(view) | _labels(record)
    return Visibility.UNLISTED if _NOT_OUTSIDE in labels else Visibility.PUBLIC


def features_of(record: dict[str, Json]) -> list[dict[str, Json]]:
    """The links, mentions and hashtags that a post's facets mark."""
    facets = [each for each in items_of(record, "facets") if isinstance(each, dict)]
    return [each for facet in facets for each in items_of(facet, "features") if isinstance(each, dict)]


def _names(record: dict[str, Json], us: str | None) -> bool:
    """Whether a post names our account, or answers one of our posts."""
    if us is None:
        return False
    parent = ref_of(part(record, "reply"), "parent")
    return any(each.get("did") == us for each in features_of(record)) or (
        parent is not None and parent[0].startswith(f"at://{us}/")
    )


def _tags(record: dict[str, Json]) -> tuple[str, ...]:
    told = [each.get("tag") for each in features_of(record)] + items_of(record, "tags")
    return tuple(dict.fromkeys(tag.lstrip("#") for tag in told if isinstance(tag, str) and tag.strip("# ")))


def _capabilities(
    view: dict[str, Json],
    context: dict[str, Json],
    url: str,
    *,
    own: bool,
    cid: str | None,
    root: tuple[str, str] | None,
    reply: bool,
) -> Capabilities:
    us, viewer = text_of(context, "us"), part(view, "viewer")
    can_act = context.get("act") is True
    blocked = any(part(part(view, "author"), "viewer").get(key) for key in ("blockedBy", "blocking"))
    why = None
    if not can_act:
        why = "No Bluesky account is connected: answer there by hand."
    elif cid is None:
        why = "This post was kept without its version: answer there by hand."
    elif viewer.get("replyDisabled") is True:
        why = "Its author does not let us answer here."
    elif blocked:
        why = "One account blocked the other, so an answer would not be shown."
    under_ours = us is not None and root is not None and root[0].startswith(f"at://{us}/")
    return Capabilities(
        can_reply=why is None,
        why_not_reply=why,
        can_like=can_act and cid is not None,
        can_hide=can_act and under_ours and not own,
        max_length=MOST_GRAPHEMES,
        length_unit=LengthUnit.GRAPHEMES,
        deep_link=url,
        idempotent_write=True,
        can_recheck=True,
        can_fetch_parent=reply,
    )
