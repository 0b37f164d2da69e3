"""From a status to an item.

A status is known everywhere by its `uri`; its `id` is only good on the instance that gave it. So `uri` is the
item's identity, which also makes one mention of a post seen on two instances, and the local id travels in `extra`.
An answer names the post it answers by local id only: the parent's `uri` is known when the parent stands in the
same answer, or when the thread was asked for. Servers of other makes leave fields out: only id, content,
account and created_at are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
from connectors.instants import parse_iso
from connectors.items import Author, Capabilities, Counts, Item, Json, Kind, LengthUnit, Rejected, Visibility
from connectors.mastodon.attached import attached
from connectors.mastodon.instance import Instance

LINK_LENGTH = 23
"""`characters_reserved_per_url`: every link counts as so many characters, whatever its length."""
OURS = "klankbord"
"""Key under which a kept status carries what its own JSON lacks, so that it can be read again on its own."""
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_FAR_MENTION = re.compile(r"(?<![\w/])(@\w[\w.-]*)@[\w-]+(?:\.[\w-]+)*")
_VISIBILITY = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.PRIVATE,
    "direct": Visibility.PRIVATE,
    "local": Visibility.UNLISTED,
    "mutuals_only": Visibility.PRIVATE,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known while reading the statuses of one answer.

    Attributes:
        instance: who answered.
        own: URLs, URIs and user@host names of the brand's accounts, lower case.
        skip_noindex: leave out authors who asked not to be indexed.
        addressed: the answer holds what was directed at our account.
        uris: uri by local id of statuses known from elsewhere; by default those of the answer itself.
        root: uri of the thread's first post, when the answer is one thread.
        us: address of our account on this instance; travels along so that later answers know our posts.
        all_own: every post of the answer is ours (the answer to a reply).
    """

    instance: Instance
    own: frozenset[str] = frozenset()
    skip_noindex: bool = False
    addressed: bool = False
    uris: Mapping[str, str] = field(default_factory=dict)
    root: str | None = None
    us: str | None = None
    all_own: bool = False

    def read(self, statuses: Sequence[Json]) -> tuple[list[Item], list[Rejected]]:
        """Read every status; the unreadable ones are set aside, boosts and unindexed ones left out."""
        uris = {**self.uris, **local_uris(statuses)}
        items: list[Item] = []
        rejected: list[Rejected] = []
        for status in statuses:
            try:
                read = self._one(as_object(status, "the post"), uris)
            except ValueError as error:
                known = status.get("uri") if isinstance(status, dict) else None
                rejected.append(Rejected(str(error), self._marked(status), known if isinstance(known, str) else None))
                continue
            if read is not None:
                items.append(read)
        return items, rejected

    def _one(self, status: dict[str, Json], uris: Mapping[str, str]) -> Item | None:
        if isinstance(status.get("reblog"), dict):
            return None  # a boost says nothing of its own; the boosted post comes by itself
        account = as_object(status.get("account"), "the account of the post")
        if self.skip_noindex and not self.addressed and flag_of(account, "noindex"):
            return None
        answered = status.get("in_reply_to_id")
        context: dict[str, Json] = {"instance": self.instance.host, "addressed": self.addressed}
        if isinstance(answered, str) and answered in uris:
            context["parent"] = uris[answered]
        if self.root is not None:
            context["root"] = self.root
        if self.us is not None:
            context["us"] = self.us
        context["own"] = self.all_own or is_own(account, self.instance.host, self.own)
        return read_kept({**status, OURS: context}, self.instance)

    def _marked(self, status: Json) -> Json:
        if not isinstance(status, dict):
            return status
        return {**status, OURS: {"instance": self.instance.host, "addressed": self.addressed}}


def length_of(text: str) -> int:
    """Count a post as the platform does, in code points: a link counts 23, and a mention without its host."""
    return len(_FAR_MENTION.sub(r"\1", _LINK.sub("x" * LINK_LENGTH, text)))


def local_uris(statuses: Sequence[Json]) -> dict[str, str]:
    """The uri of each status by its local id."""
    found = {}
    for status in statuses:
        if isinstance(status, dict):
            key, uri = text_of(status, "id"), _uri(status)
            if key is not None and uri is not None:
                found[key] = uri
    return found


def created_of(status: Json) -> datetime | None:
    """When a status or notification was made; None when it does not say so readably."""
    try:
        return parse_iso(status.get("created_at")) if isinstance(status, dict) else None
    except ValueError:
        return None


def read_kept(status: dict[str, Json], instance: Instance) -> Item:
    """Read one status that carries its context.

    Raises:
        ValueError: a needed field is missing or wrong.
    """
    context = part(status, OURS)
    key, account = need_id(status), as_object(status.get("account"), "the account of the post")
    uri = _uri(status)
    if uri is None:
        msg = "the post has neither uri nor url, so nothing names it outside its own server"
        raise FieldError(msg)
    word = text_of(status, "visibility") or "public"
    visibility = _VISIBILITY.get(word, Visibility.PRIVATE)
    reply = status.get("in_reply_to_id") is not None
    author = _author(account, instance.host)
    url = web(text_of(status, "url")) or web(uri) or f"{instance.base}/@{author.handle}/{key}"
    edited = text_of(status, "edited_at")
    language = text_of(status, "language")
    parent = text_of(context, "parent")
    return Item(
        external_id=uri,
        kind=Kind.MESSAGE if word == "direct" else Kind.COMMENT if reply else Kind.POST,
        html=need_text(status, "content"),
        title=text_of(status, "spoiler_text"),
        author=author,
        url=url,
        lang_hint=language,
        published_at=parse_iso(status.get("created_at")),
        edited_at=None if edited is None else parse_iso(edited),
        parent_external_id=parent,
        thread_external_id=text_of(context, "root") if reply else uri,
        counts=Counts(
            likes=number_of(status, "favourites_count"),
            replies=number_of(status, "replies_count"),
            shares=number_of(status, "reblogs_count"),
        ),
        visibility=visibility,
        is_own=flag_of(context, "own"),
        addressed=flag_of(context, "addressed"),
        capabilities=_capabilities(
            instance, url, author.handle or "", warning=text_of(status, "spoiler_text") or "", reply=reply
        ),
        tags=tuple(
            name for each in items_of(status, "tags") if isinstance(each, dict) and (name := text_of(each, "name"))
        ),
        media=tuple(attached(status)),
        extra={
            "instance": instance.host,
            "status_id": key,
            "visibility": word,
            "language": language,
            "spoiler_text": text_of(status, "spoiler_text"),
            "in_reply_to_id": status.get("in_reply_to_id"),
            "us": text_of(context, "us"),
        },
        raw=status,
    )


def _uri(status: dict[str, Json]) -> str | None:
    return text_of(status, "uri") or text_of(status, "url")


def web(address: str | None) -> str | None:
    """An address a person can open; None for `tag:` and other names that are none."""
    return address if address is not None and urlsplit(address).scheme in {"http", "https"} else None


def handle_of(account: dict[str, Json], host: str) -> str | None:
    """Name an account with its host, also the ones at home on this instance."""
    acct = text_of(account, "acct") or text_of(account, "username")
    if acct is None:
        return None
    return acct if "@" in acct else f"{acct}@{host}"


def names_of(account: dict[str, Json], host: str) -> frozenset[str]:
    """Everything an account is known by across instances, lower case."""
    names = (text_of(account, "uri"), text_of(account, "url"), handle_of(account, host))
    return frozenset(name.casefold() for name in names if name)


def is_own(account: dict[str, Json], host: str, own: frozenset[str]) -> bool:
    """Tell whether an account writes for the brand."""
    return not own.isdisjoint(names_of(account, host))


def _author(account: dict[str, Json], host: str) -> Author:
    handle = handle_of(account, host)
    # The account's id is good on one instance only; its uri, else its address, names it everywhere.
    name = text_of(account, "uri") or text_of(account, "url") or handle
    if name is None:
        msg = "the account has neither address nor name"
        raise FieldError(msg)
    return Author(
        external_id=name,
        handle=handle,
        name=text_of(account, "display_name") or text_of(account, "username"),
        url=web(text_of(account, "url")),
        followers=number_of(account, "followers_count"),
        is_bot=flag_of(account, "bot"),
    )


def _capabilities(instance: Instance, url: str, handle: str, *, warning: str, reply: bool) -> Capabilities:
    """What may be done; a reply has the author's name in front, without its host, and the same warning: both count."""
    ahead = (len(handle.partition("@")[0]) + len("@ ") if handle else 0) + length_of(warning)
    return Capabilities(
        can_reply=instance.has_token,
        why_not_reply=None
        if instance.has_token
        else f"No token is configured for {instance.host}: answer there by hand.",
        can_like=instance.has_token,
        max_length=max(0, instance.options.max_characters - ahead),
        length_unit=LengthUnit.CODE_POINTS,
        link_length=LINK_LENGTH,
        deep_link=url,
        can_narrow=True,
        idempotent_write=True,
        can_recheck=True,
        can_fetch_parent=reply,
    )
