"""From a Discourse post to an item.

`post_type`: 1 regular, 2 moderator action with words, 3 small action ("closed this topic"), 4 whisper. Whispers are
staff talking among themselves and never customer text; small actions have no words: both are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from connectors.discourse.pictures import pictures_in
from connectors.discourse.site import Site
from connectors.fields import (
    FieldError,
    as_object,
    flag_of,
    items_of,
    need_id,
    need_number,
    need_text,
    number_of,
    part,
    text_of,
)
from connectors.instants import parse_iso
from connectors.items import Author, Capabilities, Counts, Deleted, Item, Json, Kind, Rejected, Visibility

MAX_REPLY = 32_000
"""Default of the site setting `max_post_length`, in characters."""
OURS = "klankbord"
"""Key under which a kept post carries what its own JSON lacks, so that it can be read again on its own."""
_UNSEEN_TYPES = (3, 4)


@dataclass(frozen=True, slots=True)
class Topic:
    """What is known of the topic a post stands in, beside the post itself."""

    title: str | None = None
    tags: tuple[str, ...] = ()
    closed: bool = False
    private: bool = False
    accepted: frozenset[int] = frozenset()


@dataclass(slots=True)
class Reading:
    """What came out of a list of posts. `seen` are (id, created) of every post with both, hidden ones included."""

    items: list[Item] = field(default_factory=list)
    deleted: list[Deleted] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    seen: list[tuple[int, datetime]] = field(default_factory=list)


def read_posts(posts: Sequence[Json], site: Site, topic: Topic | None = None) -> Reading:
    """Read every post of an answer; the unreadable ones are set aside.

    A post names the post it answers by its number in the topic, items need its id: both stand in the same
    answer for most replies of a topic page, and for quick replies in the list of latest posts.
    """
    numbers = _numbers(posts)
    reading = Reading()
    for post in posts:
        try:
            kept = _with_context(as_object(post, "the post"), numbers, topic)
            _read_into(reading, kept, site)
        except ValueError as error:
            known = post.get("id") if isinstance(post, dict) else None
            reading.rejected.append(Rejected(str(error), post, None if known is None else str(known)))
    return reading


def read_kept(raw: Json, site: Site) -> Item:
    """Read one kept post again.

    Raises:
        FieldError: it still cannot be read, or is no text of a person.
    """
    reading = Reading()
    _read_into(reading, as_object(raw, "the kept post"), site)
    if not reading.items:
        msg = "the kept post is hidden, removed or no text of a person"
        raise FieldError(msg)
    return reading.items[0]


def read_topic(body: Mapping[str, Json]) -> Topic:
    """Read what a topic's own page says about all its posts."""
    whole = dict(body)
    accepted = [*items_of(whole, "accepted_answers"), whole.get("accepted_answer")]
    numbers = (number_of(each, "post_number") for each in accepted if isinstance(each, dict))
    return Topic(
        title=text_of(whole, "title"),
        tags=_tags(whole),
        closed=flag_of(whole, "closed") or flag_of(whole, "archived"),
        private=text_of(whole, "archetype") == "private_message",
        accepted=frozenset(number for number in numbers if number is not None),
    )


def about_of(body: Mapping[str, Json]) -> dict[str, Json]:
    """What `read_topic` reads of a topic's page, small enough to travel with a request for more of its posts."""
    names = ("title", "tags", "closed", "archived", "archetype", "accepted_answer", "accepted_answers")
    return {name: body.get(name) for name in names}


def _tags(topic: dict[str, Json]) -> tuple[str, ...]:
    """Tags are texts on older forums and objects with a name on newer ones."""
    names = (
        each if isinstance(each, str) else text_of(each, "name") if isinstance(each, dict) else None
        for each in items_of(topic, "tags")
    )
    return tuple(name for name in names if name)


def _numbers(posts: Sequence[Json]) -> dict[tuple[int, int], str]:
    found = {}
    for post in posts:
        if isinstance(post, dict):
            topic, number, key = (number_of(post, name) for name in ("topic_id", "post_number", "id"))
            if topic is not None and number is not None and key is not None:
                found[topic, number] = str(key)
    return found


def _with_context(
    post: dict[str, Json], numbers: Mapping[tuple[int, int], str], topic: Topic | None
) -> dict[str, Json]:
    topic_id, answers = number_of(post, "topic_id"), number_of(post, "reply_to_post_number")
    context: dict[str, Json] = {}
    if topic_id is not None and answers is not None and (topic_id, answers) in numbers:
        context["parent"] = numbers[topic_id, answers]
    if topic is not None:
        context["title"] = topic.title
        context["tags"] = list(topic.tags)
        context["closed"] = topic.closed
        context["private"] = topic.private
        context["accepted"] = number_of(post, "post_number") in topic.accepted
    return {**post, OURS: context} if context else post


def _read_into(reading: Reading, post: dict[str, Json], site: Site) -> None:
    key = need_number(post, "id")
    created = parse_iso(post.get("created_at"))
    reading.seen.append((key, created))
    if number_of(post, "post_type") in _UNSEEN_TYPES:
        return
    if flag_of(post, "hidden") or flag_of(post, "user_deleted") or post.get("deleted_at"):
        reading.deleted.append(Deleted(str(key), site.namespace))
        return
    reading.items.append(_item(post, created, site))


def _item(post: dict[str, Json], created: datetime, site: Site) -> Item:
    context = part(post, OURS)
    topic_id, number = need_number(post, "topic_id"), need_number(post, "post_number")
    answers = number_of(post, "reply_to_post_number")
    title = text_of(post, "topic_title") or text_of(context, "title")
    slug = text_of(post, "topic_slug") or "-"
    url = f"{site.base}/t/{slug}/{topic_id}/{number}"
    accepted = flag_of(post, "accepted_answer") or flag_of(context, "accepted")
    author = _author(post, site)
    extra: dict[str, Json] = {"topic_id": topic_id, "post_number": number, "topic_title": title}
    if answers is not None:
        extra["reply_to_post_number"] = answers
    if accepted:
        extra["accepted_answer"] = True
    answered = text_of(part(post, "reply_to_user"), "username")
    edited = number_of(post, "version")
    return Item(
        external_id=str(need_number(post, "id")),
        namespace=site.namespace,
        kind=_kind(number, answers),
        html=without_quotes(need_text(post, "cooked")),
        title=title if number == 1 else None,
        author=author,
        url=url,
        published_at=created,
        edited_at=parse_iso(post["updated_at"])
        if edited is not None and edited > 1 and text_of(post, "updated_at")
        else None,
        parent_external_id=text_of(context, "parent"),
        thread_external_id=f"topic-{topic_id}",
        counts=Counts(likes=_likes(post), replies=number_of(post, "reply_count"), views=number_of(post, "reads")),
        visibility=Visibility.PRIVATE if flag_of(context, "private") else Visibility.PUBLIC,
        is_own=_is_own(post, author, site),
        addressed=answered is not None and answered.casefold() in site.own,
        capabilities=_capabilities(site, url, closed=flag_of(context, "closed"), reply=number > 1),
        tags=(
            *(each for each in items_of(context, "tags") if isinstance(each, str)),
            *(("solved",) if accepted else ()),
        ),
        media=tuple(pictures_in(need_text(post, "cooked"), site.base)),
        extra=extra,
        raw=post,
    )


def _kind(number: int, answers: int | None) -> Kind:
    """A topic's first post, an answer to it, or a remark on another answer."""
    if number == 1:
        return Kind.TOPIC
    return Kind.ANSWER if answers in {None, 1} else Kind.COMMENT


def _author(post: dict[str, Json], site: Site) -> Author:
    username = need_text(post, "username")
    return Author(
        external_id=need_id(post, "user_id") if number_of(post, "user_id") is not None else username,
        handle=username,
        name=text_of(post, "name") or text_of(post, "display_username"),
        url=f"{site.base}/u/{username}",
        is_staff=any(flag_of(post, each) for each in ("staff", "admin", "moderator")),
    )


def _is_own(post: dict[str, Json], author: Author, site: Site) -> bool:
    if (author.handle or "").casefold() in site.own or flag_of(post, "yours"):
        return True
    return author.is_staff and site.options.staff_are_own


def _likes(post: dict[str, Json]) -> int | None:
    for action in items_of(post, "actions_summary"):
        if isinstance(action, dict) and action.get("id") == 2:
            return number_of(action, "count")
    return None


def _capabilities(site: Site, url: str, *, closed: bool, reply: bool) -> Capabilities:
    reason = None
    if not site.keyed:
        reason = "No API key is configured for this forum: answer on the forum itself."
    elif closed:
        reason = "The topic is closed."
    return Capabilities(
        can_reply=reason is None,
        why_not_reply=reason,
        can_like=site.keyed,
        max_length=MAX_REPLY,
        deep_link=url,
        can_recheck=True,
        can_fetch_parent=reply,
    )


def without_quotes(cooked: str) -> str:
    """Take quoted posts out of a post's HTML: they are somebody else's words."""
    if "<aside" not in cooked:
        return cooked
    tree = LexborHTMLParser(cooked)
    for quote in tree.css("aside.quote"):
        quote.decompose()
    body = tree.body
    return cooked if body is None else (body.inner_html or "")
