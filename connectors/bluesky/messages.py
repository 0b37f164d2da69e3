"""Private messages to our account: which conversations moved since, then what was said in each of them.

They live on a server of their own, to which the account's server passes our calls on. Conversations come with the
latest activity first, messages with the newest. Only the last conversation read to the window's start proves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import orjson

from connectors.bluesky.reading import OURS, WEB
from connectors.bluesky.session import Session
from connectors.bluesky.syntax import is_did, parse_datetime
from connectors.contract import Page, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import FieldError, as_object, items_of, need_id, need_text, part, text_of
from connectors.items import Author, Capabilities, Deleted, Item, Json, Kind, LengthUnit, Rejected, Visibility
from connectors.requests import HttpRequest, HttpResponse

_PROXY = "did:web:api.bsky.chat#bsky_chat"
"""The service that keeps private messages; the account's server passes on what names it."""
_DELETED, _SYSTEM = "chat.bsky.convo.defs#deletedMessageView", "chat.bsky.convo.defs#systemMessageView"
CONVOS, GET = "chat.bsky.convo.listConvos", "chat.bsky.convo.getMessages"
LIMIT = ("limit", "100")
LONGEST, LONGEST_BYTES = 1000, 10_000
"""Of a message, in graphemes and bytes (lexicon chat.bsky.convo.defs)."""
_OWN = "This is a message of your own account."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chain is; travels with the request.

    Attributes:
        cursor: of the list that is read, conversations or messages.
        reading: whether messages are read already.
        convos: conversations still to be read, with who takes part; the first one is being read.
    """

    cursor: str | None = None
    reading: bool = False
    convos: tuple[Json, ...] = ()

    def dump(self) -> str:
        """Write it down for `Request.step`, and as the cursor of a chain that broke off."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Place:
        """Read what `dump` wrote.

        Raises:
            BadRequest: it is none of ours.
        """
        try:
            known = orjson.loads(written)
            return cls(known["cursor"], known["reading"] is True, tuple(known["convos"]))
        except (ValueError, TypeError, KeyError) as error:
            msg = f"{written!r} is no place to go on among messages"
            raise BadRequest(msg) from error


class Messages:
    """Plans and reads private messages. Does not answer them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def plan(self, task: Task) -> HttpRequest:
        """Say how a chain begins."""
        return self._ask(Place() if task.window.cursor is None else Place.load(task.window.cursor))

    def parse(self, task: Task, response: HttpResponse) -> Page:
        """Read one answer."""
        place, body = Place.load(response.request.step), self._session.body(response)
        return self._messages(task, place, body) if place.reading else self._convos(task, place, body)

    def _ask(self, place: Place) -> HttpRequest:
        paging = (LIMIT, *(() if place.cursor is None else (("cursor", place.cursor),)))
        method, params = CONVOS, paging
        if place.reading:
            convo = place.convos[0]
            who = convo.get("id") if isinstance(convo, dict) else None
            method, params = GET, (("convoId", str(who)), *paging)
        return passed_on(self._session.call(method, params=params, step=place.dump()))

    def _convos(self, task: Task, place: Place, body: dict[str, Json]) -> Page:
        shown = _listed(body, "convos")
        moved, quiet = [], 0
        for convo in shown:
            if not isinstance(convo, dict) or text_of(convo, "id") is None:
                continue  # nothing can be asked of it
            at = _sent_at(part(convo, "lastMessage"))
            if at is None or at >= task.window.interval.start:
                moved.append(_known(convo))
            else:
                quiet += 1
        cursor = _following(body, place)
        ended = cursor is None or 0 < len(shown) == quiet  # an empty page is not the end
        following = Place(None if ended else cursor, ended, (*place.convos, *moved))
        return self._on(task, following, (), (), ())

    def _messages(self, task: Task, place: Place, body: dict[str, Json]) -> Page:
        convo = as_object(place.convos[0], "the conversation")
        found = read_messages(body, self._session.did, convo)
        cursor = _following(body, place)
        ended = cursor is None or (bool(found.times) and max(found.times) < task.window.interval.start)
        following = Place(reading=True, convos=place.convos[1:]) if ended else replace(place, cursor=cursor)
        return self._on(task, following, found.items, found.rejected, found.deleted)

    def _on(
        self, task: Task, following: Place, items: tuple[Item, ...], rejected: tuple[Rejected, ...],
        deleted: tuple[Deleted, ...],
    ) -> Page:  # fmt: skip
        if following.reading and not following.convos:
            return Page(items, rejected, deleted, covered=task.window.interval)
        return Page(items, rejected, deleted, next=self._ask(following), cursor=following.dump())


def passed_on(request: HttpRequest) -> HttpRequest:
    """A call that the account's server passes on to the service for messages."""
    return replace(request, headers={**request.headers, "atproto-proxy": _PROXY})


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer to `getMessages` holds; `times` of everything in it that has one."""

    items: tuple[Item, ...]
    rejected: tuple[Rejected, ...]
    deleted: tuple[Deleted, ...]
    times: tuple[datetime, ...]


def read_messages(body: dict[str, Json], us: str | None, convo: dict[str, Json]) -> Found:
    """Read the messages of an answer; the unreadable ones are set aside.

    Args:
        body: the answer.
        us: our DID.
        convo: the conversation, with who takes part.

    Raises:
        FormatChanged: it holds no list of messages.
    """
    items: list[Item] = []
    rejected: list[Rejected] = []
    deleted: list[Deleted] = []
    times: list[datetime] = []
    for message in _listed(body, "messages"):
        times += [at for at in [_sent_at(message)] if at is not None]
        raw: Json = message
        try:
            said = as_object(message, "the message")
            if text_of(said, "$type") == _SYSTEM:
                continue
            if text_of(said, "$type") == _DELETED:
                deleted.append(Deleted(_key(convo, said)))
                continue
            raw = {**said, OURS: {"us": us, "convo": convo}}
            items.append(read_message(raw))
        except ValueError as error:
            rejected.append(Rejected(str(error), raw))
    return Found(tuple(items), tuple(rejected), tuple(deleted), tuple(times))


def read_message(message: dict[str, Json]) -> Item:
    """Read one message that carries its conversation.

    Raises:
        ValueError: a needed field is missing or wrong.
    """
    context = part(message, OURS)
    convo, did = part(context, "convo"), text_of(part(message, "sender"), "did") or ""
    if not is_did(did):
        msg = "the message does not say who sent it"
        raise FieldError(msg)
    own = did == context.get("us")
    url = f"{WEB}/messages/{need_id(convo)}"
    profile = part(part(convo, "members"), did)
    handle = text_of(profile, "handle")
    return Item(
        external_id=_key(convo, message),
        kind=Kind.MESSAGE,
        text=need_text(message, "text"),
        author=Author(
            did,
            handle=None if handle == "handle.invalid" else handle,
            name=text_of(profile, "displayName"),
            url=f"{WEB}/profile/{did}",
        ),
        url=url,
        published_at=_sent_at(message),
        thread_external_id=need_id(convo),
        visibility=Visibility.PRIVATE,
        is_own=own,
        addressed=not own,
        capabilities=Capabilities(
            can_reply=not own,
            why_not_reply=_OWN if own else None,
            max_length=LONGEST,
            length_unit=LengthUnit.GRAPHEMES,
            deep_link=url,
        ),
        extra={"convo": need_id(convo), "message": need_id(message)},
        raw=message,
    )


def is_message(raw: Mapping[str, Json]) -> bool:
    """Whether a kept payload is a private message."""
    return "convo" in part(dict(raw), OURS)


def _key(convo: dict[str, Json], message: dict[str, Json]) -> str:
    return f"{need_id(convo)}/{need_id(message)}"


def _known(convo: dict[str, Json]) -> dict[str, Json]:
    """What is kept of a conversation: its id, and who takes part."""
    members: dict[str, Json] = {}
    for each in items_of(convo, "members"):
        if isinstance(each, dict) and (did := text_of(each, "did")):
            members[did] = {name: each.get(name) for name in ("handle", "displayName")}
    return {"id": convo["id"], "members": members}


def _listed(body: dict[str, Json], key: str) -> list[Json]:
    listed = body.get(key)
    if not isinstance(listed, list):
        msg = f"the answer holds no {key}"
        raise FormatChanged(msg)
    return listed


def _following(body: dict[str, Json], place: Place) -> str | None:
    cursor = text_of(body, "cursor")
    if cursor is not None and cursor == place.cursor:
        msg = "the server does not page: it gives the same cursor again"
        raise FormatChanged(msg)
    return cursor


def _sent_at(message: Json) -> datetime | None:
    try:
        return parse_datetime(message.get("sentAt")).astimezone(UTC) if isinstance(message, dict) else None
    except ValueError:
        return None
