"""From a message to an item.

A message's number is unique in its chat only, and in private chats and basic groups only for this bot: two bots that
talk to one person count apart. So the chat stands in the identity, and there the bot in the namespace.

A bot is shown what a message answers together with it. Its own messages it is never shown otherwise, so an answered
message of ours is read as an item of its own: that is how an answer is found of which nobody knew whether it got
through.
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.fields import as_object, flag_of, need_id, need_number, number_of, part, text_of
from connectors.instants import parse_unix
from connectors.items import Author, Capabilities, Item, Json, Kind, LengthUnit, Visibility
from connectors.telegram.content import attached, is_service, words_of

LONGEST = 4096
"""Of a text. Telegram says characters; entities count in UTF-16 units, and what fits in those fits in either."""
OURS = "klankbord"
"""Key under which a kept message carries what its own JSON lacks, so that it can be read again on its own."""


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are to Telegram.

    Attributes:
        id, username: of the bot.
        own: ids and names (lower case, without @) of colleagues.
    """

    id: str
    username: str | None = None
    own: frozenset[str] = frozenset()


def with_context(message: dict[str, Json], us: Us, *, may_delete: bool) -> dict[str, Json]:
    """Give a message what its own JSON lacks."""
    context: dict[str, Json] = {
        "us": us.id,
        "username": us.username,
        "own": _is_own(message, us),
        "may_delete": may_delete,
    }
    return {**message, OURS: context}


def answered_own(message: dict[str, Json], us: Us) -> dict[str, Json] | None:
    """The message of ours that this one answers."""
    answered = part(message, "reply_to_message")
    shown = bool(answered.get("date")) and not is_service(answered)  # date 0: it was removed, or is out of reach
    return answered if shown and _is_own(answered, us) else None


def read(kept: Json) -> Item:
    """Read a message that has its context.

    Raises:
        ValueError: it cannot be read.
    """
    message = as_object(kept, "the message")
    chat, context = as_object(message.get("chat"), "the chat"), part(message, OURS)
    place = _Place.of(message, chat, need_id(context, "us"))
    own = flag_of(context, "own")
    direct = place.type == "private"
    edited = number_of(message, "edit_date")
    parent = _parent(message, place)
    url = place.link()
    return Item(
        external_id=place.external_id(place.number),
        namespace=place.namespace,
        kind=_kind(message, place, parent),
        text=words_of(message),
        author=_author(message, chat),
        url=url,
        lang_hint=text_of(part(message, "from"), "language_code"),
        published_at=parse_unix(need_number(message, "date")),
        edited_at=None if edited is None else parse_unix(edited),
        parent_external_id=parent,
        thread_external_id=place.thread(answers=parent is not None),
        visibility=Visibility.PUBLIC if place.public is not None else Visibility.PRIVATE,
        is_own=own,
        addressed=not own and (direct or _names_us(message, context)),
        capabilities=_capabilities(place, url, may_delete=flag_of(context, "may_delete")),
        media=tuple(attached(message)),
        extra={
            "chat_id": place.chat,
            "message_id": place.number,
            "topic_id": place.topic,
            "business_connection_id": place.business,
            "username": text_of(context, "username"),
            "may_delete": flag_of(context, "may_delete"),
        },
        raw=message,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message stands.

    Attributes:
        chat: the chat's id as text; negative for groups and channels.
        number: the message's number in it.
        type: private, group, supergroup or channel.
        public: the chat's public name; None for a chat that only members see.
        thread_id: of the thread of answers, or of the topic.
        topic: the same where the group has topics, to which an answer must be sent.
        business: id of the business connection through which the bot sees somebody's private chat.
    """

    chat: str
    number: int
    type: str
    namespace: str
    public: str | None
    thread_id: int | None
    topic: int | None
    business: str | None

    @classmethod
    def of(cls, message: dict[str, Json], chat: dict[str, Json], us: str) -> _Place:
        key, kind = need_id(chat), text_of(chat, "type") or ""
        business = text_of(message, "business_connection_id")
        shared = kind in {"supergroup", "channel"}
        thread = number_of(message, "message_thread_id")
        return cls(
            chat=key,
            number=need_number(message, "message_id"),
            type=kind,
            namespace="" if shared else f"business-{business}" if business else f"bot{us}",
            public=text_of(chat, "username") if shared else None,
            thread_id=thread if shared else None,
            topic=thread if flag_of(message, "is_topic_message") else None,
            business=business,
        )

    def external_id(self, number: int) -> str:
        return f"{self.chat}:{number}"

    def link(self) -> str | None:
        """A private chat and a basic group have no addresses."""
        topic = "" if self.topic is None else f"{self.topic}/"
        if self.public is not None:
            return f"https://t.me/{self.public}/{topic}{self.number}"
        if self.chat.startswith("-100"):
            return f"https://t.me/c/{self.chat.removeprefix('-100')}/{topic}{self.number}"
        return None

    def thread(self, *, answers: bool) -> str | None:
        """What a conversation is: the private chat, the topic, or in a group a message with what answers it.

        A basic group numbers no threads: there an answer belongs to what it answers.
        """
        if self.type == "private":
            return self.chat
        if self.thread_id is None and answers:
            return None
        return self.external_id(self.thread_id or self.number)


def _parent(message: dict[str, Json], place: _Place) -> str | None:
    """What a message answers; in a topic every message seems to answer the message that opened it."""
    answered = part(message, "reply_to_message")
    number = number_of(answered, "message_id")
    return None if number is None or "forum_topic_created" in answered else place.external_id(number)


def _kind(message: dict[str, Json], place: _Place, parent: str | None) -> Kind:
    if place.type == "channel" or flag_of(message, "is_automatic_forward"):
        return Kind.POST
    return Kind.MESSAGE if place.type == "private" or parent is None else Kind.COMMENT


def _is_own(message: dict[str, Json], us: Us) -> bool:
    """Ours are the bot's, colleagues', and what is written in the name of the group or channel itself."""
    chat, sender, as_chat = part(message, "chat"), part(message, "from"), part(message, "sender_chat")
    if text_of(chat, "type") == "channel" or flag_of(message, "is_automatic_forward"):
        return True
    if as_chat and as_chat.get("id") == chat.get("id"):
        return True
    if text_of(message, "business_connection_id") is not None and sender:
        return sender.get("id") != chat.get("id")
    named = (each.get(name) for each in (sender, as_chat) for name in ("id", "username"))
    names = {str(each).casefold() for each in named if each is not None}
    return not names.isdisjoint({us.id, *us.own})


def _names_us(message: dict[str, Json], context: dict[str, Json]) -> bool:
    """Whether a message in a group answers the bot, or names it."""
    us, name = text_of(context, "us"), text_of(context, "username")
    if us is not None and str(part(part(message, "reply_to_message"), "from").get("id")) == us:
        return True
    return name is not None and f"@{name}".casefold() in words_of(message).casefold()


def _author(message: dict[str, Json], chat: dict[str, Json]) -> Author:
    """Who wrote it: a person, or the chat in whose name it was written; of a post in a channel, the channel."""
    who = part(message, "sender_chat") or part(message, "from") or chat
    handle = text_of(who, "username")
    names = (text_of(who, "first_name"), text_of(who, "last_name"))
    return Author(
        external_id=need_id(who),
        handle=handle,
        name=text_of(who, "title") or " ".join(name for name in names if name) or None,
        url=None if handle is None else f"https://t.me/{handle}",
        is_bot=flag_of(who, "is_bot"),
    )


def _capabilities(place: _Place, url: str | None, *, may_delete: bool) -> Capabilities:
    channel = place.type == "channel"
    return Capabilities(
        can_reply=not channel,
        why_not_reply="A post in a channel is answered in its discussion group." if channel else None,
        can_like=place.business is None,
        can_hide=may_delete and place.type in {"group", "supergroup"},
        max_length=LONGEST,
        length_unit=LengthUnit.UTF16,
        deep_link=url,
    )


def chat_ids(updates: list[dict[str, Json]]) -> list[str]:
    """The groups in which something was said, each once."""
    found: dict[str, None] = {}
    for update in updates:
        for value in update.values():
            chat = part(value, "chat") if isinstance(value, dict) else {}
            if text_of(chat, "type") in {"group", "supergroup"} and chat.get("id") is not None:
                found[need_id(chat)] = None
    return list(found)
