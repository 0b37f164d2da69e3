"""Private messages of a page or a professional account: its conversations, read by when they last changed.

Only the account's own conversations, and only in both directions what the API gives: text, and pictures as links that
run out. A free-form answer is possible within 24 hours of the customer's last message; with the approved feature Human
Agent within seven days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.contract import Action, ActionResult
from connectors.errors import FormatChanged
from connectors.fields import FieldError, flag_of, items_of, need_id, part, text_of
from connectors.items import Author, Capabilities, Item, Json, Kind, LengthUnit, Media, MediaKind, Visibility
from connectors.meta.graph import Graph, Params, instant, node
from connectors.meta.kept import around_of, read_each
from connectors.meta.rounds import Holder, Listed, Round, Turn, Under
from connectors.requests import HttpRequest, HttpResponse

FIELDS = "id,created_time,from,to,message,attachments"
_LIST_FIELDS = "id,updated_time"
FREE, HUMAN, HOUR = timedelta(hours=24), timedelta(days=7), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose messages these are.

    Attributes:
        account: path of the account whose conversations are asked for.
        own: ids that write for the brand.
        channel: `messenger` or `instagram`.
        site: address where a person answers by hand.
        most, unit: longest message.
        human_agent: answers carry the tag that opens seven days.
    """

    account: str
    own: frozenset[str]
    channel: str
    site: str
    most: int
    unit: LengthUnit = LengthUnit.CODE_POINTS
    human_agent: bool = False

    def read(self, kept: dict[str, Json]) -> Item:
        """Read one message.

        Raises:
            ValueError: it has no id, or nothing to show.
        """
        key, around, sender = need_id(kept), around_of(kept), part(kept, "from")
        thread = text_of(around, "thread")
        writer = text_of(sender, "id")
        published = instant(kept.get("created_time"))
        ours = flag_of(around, "ours") or (writer is not None and writer in self.own)
        customer = _other(kept, self.own) if ours else writer
        return Item(
            external_id=key,
            kind=Kind.MESSAGE,
            text=_text(kept),
            author=_author(sender, writer),
            url=self.site,
            published_at=published,
            thread_external_id=thread,
            visibility=Visibility.PRIVATE,
            is_own=ours,
            addressed=not ours,
            capabilities=self._able(published, instant(around.get("read_at")), customer, ours=ours),
            media=_media(kept),
            extra={"what": "message", "id": key, "thread": thread, "person": customer},
            raw=kept,
        )

    def _able(
        self, published: datetime | None, read_at: datetime | None, person: str | None, *, ours: bool
    ) -> Capabilities:
        window = HUMAN if self.human_agent else FREE
        late = f"More than {window // HOUR} hours have passed since this message; Meta takes no answer from here then."
        until = None if published is None else published + window
        why = None
        if ours:
            why = "This is our own message; answer the customer's."
        elif person is None:
            why = "The platform does not say who wrote this: answer by hand."
        elif until is not None and read_at is not None and read_at >= until:
            why = late
        limited = why is None and until is not None
        return Capabilities(
            can_reply=why is None,
            why_not_reply=late if limited else why,
            reply_until=until if limited else None,
            max_length=self.most,
            length_unit=self.unit,
            deep_link=self.site,
        )

    def reply(self, graph: Graph, action: Action) -> HttpRequest:
        """Say which call answers a message, or answers a comment in private.

        Raises:
            BadRequest: the message was kept without its writer.
        """
        person, comment = action.extra.get("person"), action.extra.get("id")
        to: dict[str, Json] = {"comment_id": node(comment)}
        if action.extra.get("what") == "message":
            to = {"id": node(person)}
        body: dict[str, Json] = {"recipient": to, "message": {"text": action.text or ""}}
        if action.extra.get("what") == "message":
            tagged: dict[str, Json] = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
            body |= tagged if self.human_agent else {"messaging_type": "RESPONSE"}
        return graph.request(f"{self.account}/messages", method="POST", json=body, step="message")

    def replied(self, graph: Graph, action: Action, response: HttpResponse) -> ActionResult:
        """Read the answer to `reply`: it holds the new message's id only."""
        sent = text_of(graph.body(response), "message_id")
        if sent is None:
            msg = f"{graph.platform} took the message, but does not say under which id"
            raise FormatChanged(msg)
        item = Item(
            external_id=sent,
            kind=Kind.MESSAGE,
            text=action.text,
            author=Author(min(self.own)) if self.own else None,
            url=self.site,
            parent_external_id=action.external_id,
            thread_external_id=action.thread_external_id,
            visibility=Visibility.PRIVATE,
            is_own=True,
            extra={"what": "message", "id": sent, "person": action.extra.get("person")},
        )
        return ActionResult((item,))

    def thread(self, graph: Graph, action: Action) -> HttpRequest:
        """The newest fifty messages of the conversation."""
        params = (("fields", FIELDS), ("limit", "50"))
        return graph.request(f"{node(action.extra.get('thread'))}/messages", params=params, step="messages")

    def threaded(self, graph: Graph, action: Action, response: HttpResponse) -> ActionResult:
        """Read the answer to `thread`."""
        entries, _ = graph.entries(response)
        around = _around(str(action.extra.get("thread")), response.received_at)
        items, _ = read_each(entries, around, self.read)
        return ActionResult(tuple(reversed(items)))


class Conversations(Round):
    """The account's private conversations."""

    by_age: ClassVar[bool] = False
    edge: ClassVar[str] = "messages"

    def __init__(self, graph: Graph, desk: Desk) -> None:
        super().__init__(graph, timedelta())
        self.desk = desk

    def list_call(self) -> tuple[str, Params]:
        """The conversations, the last changed first."""
        params = (("platform", self.desk.channel), ("fields", _LIST_FIELDS), ("limit", "50"))
        return f"{self.desk.account}/conversations", params

    def under_call(self, turn: Turn) -> tuple[str, Params]:
        """A conversation's messages, newest first."""
        return f"{node(turn.key)}/messages", (("fields", FIELDS), ("limit", "50"))

    def read_list(self, entries: Sequence[Json], now: datetime) -> Listed:  # noqa: ARG002 -- nothing of it depends on now
        """Conversations hold nothing of their own."""
        holders = []
        for each in entries:
            if isinstance(each, dict) and text_of(each, "id"):
                at = instant(each.get("updated_time"))
                if at is not None:
                    holders.append(Holder(need_id(each), at))
        return Listed(holders=tuple(holders))

    def read_under(self, turn: Turn, entries: Sequence[Json], now: datetime) -> Under:
        """Read messages."""
        items, rejected = read_each(entries, _around(turn.key, now), self.desk.read)
        return Under(items, rejected, tuple(item.published_at for item in items if item.published_at))


def _around(thread: str, now: datetime) -> dict[str, Json]:
    return {"what": "message", "thread": thread, "read_at": now.isoformat()}


def _other(kept: dict[str, Json], own: frozenset[str]) -> str | None:
    """Whom a message of ours went to."""
    ids = (text_of(each, "id") for each in items_of(part(kept, "to"), "data") if isinstance(each, dict))
    return next((key for key in ids if key is not None and key not in own), None)


def _author(sender: Mapping[str, Json], key: str | None) -> Author | None:
    if key is None:
        return None
    known = dict(sender)
    return Author(key, handle=text_of(known, "username"), name=text_of(known, "name") or text_of(known, "username"))


def _text(kept: dict[str, Json]) -> str:
    said = kept.get("message")
    if isinstance(said, str):
        return said
    if said is None and ("attachments" in kept or "created_time" in kept):
        return ""
    msg = "the message has no text"
    raise FieldError(msg)


def _media(kept: dict[str, Json]) -> tuple[Media, ...]:
    found = []
    for each in items_of(part(kept, "attachments"), "data"):
        if not isinstance(each, dict):
            continue
        picture = part(each, "image_data")
        if (address := text_of(picture, "url")) is not None:
            found.append(Media(address))
        elif (address := text_of(part(each, "video_data"), "url")) is not None:
            found.append(Media(address, MediaKind.VIDEO))
        elif (address := text_of(each, "file_url")) is not None:
            found.append(Media(address, MediaKind.FILE))
    return tuple(found)
