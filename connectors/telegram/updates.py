"""The queue of updates: what was written to the bot since we last asked.

Telegram keeps updates for 24 hours and forgets those below the `offset` of a question. So the offset is part of the
state that is committed together with the rows, and only the next question, which comes after that commit, confirms
them. A chain asks until the queue is empty; that, and not a short answer, proves the window to its end.

Numbers of updates follow each other. One that is missing at the head of the queue was taken by another program, or ran
out: that stretch is told as lost. After a week of silence Telegram begins at a number of its choice, so after six days
we ask without an offset: nothing waits then but what we have not seen.

Whether the bot may remove others' messages is asked once per group, before its first message is kept; the same updates
are asked for again afterwards, which costs nothing because nothing was confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import orjson

from connectors.contract import GapFound, Interval, Page, Purpose, Task
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import flag_of, items_of, need_number, number_of, part, text_of
from connectors.instants import parse_unix
from connectors.items import Deleted, Item, Json, Rejected
from connectors.progress import proven_up, top_of
from connectors.requests import HttpRequest, HttpResponse
from connectors.telegram.bot import Bot, result
from connectors.telegram.content import is_service
from connectors.telegram.reading import Us, answered_own, chat_ids, read, with_context

LIMIT = 100
"""Updates per answer: the most Telegram gives."""
MESSAGES = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_message",
    "edited_business_message",
)
WANTED = (*MESSAGES, "deleted_business_messages", "my_chat_member")
_NEW_NUMBERS_AFTER = timedelta(days=6)
_MOST_CHATS = 2000


@dataclass(frozen=True, slots=True)
class Step:
    """Where a chain is; travels with the request.

    Attributes:
        do: `me`, `updates` or `rights`.
        edge: ISO instant up to which the window is proven; None at its beginning.
        lost: (ISO start, ISO end, how many) of updates that never came here.
        chats: groups whose rights are still to be asked.
        turn: tells apart the same question before and after asking for rights.
    """

    do: str
    edge: str | None = None
    lost: tuple[str, str, int] | None = None
    chats: tuple[str, ...] = ()
    turn: int = 0

    def dump(self) -> str:
        """Write it down for `Request.step`."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote."""
        known = orjson.loads(written)
        lost = known["lost"]
        return cls(known["do"], known["edge"], lost and tuple(lost), tuple(known["chats"]), known["turn"])


def plan(bot: Bot, task: Task) -> HttpRequest:
    """Ask who we are, once; then for what waits."""
    if not part(dict(task.state), "us"):
        return bot.request("getMe", step=Step("me").dump())
    wait = bot.options.wait if task.window.purpose is Purpose.EXTEND else 0
    return _ask(bot, task.state, task.window.interval.end, Step("updates"), wait=wait)


def parse(bot: Bot, task: Task, response: HttpResponse) -> Page:
    """Read one answer of a chain."""
    step = Step.load(response.request.step)
    if step.do == "rights":
        return _rights(bot, task, step, response)
    said = result(response)
    if step.do == "me":
        return _me(bot, task, said)
    if not isinstance(said, list):
        msg = "Telegram answered without a list of updates"
        raise FormatChanged(msg)
    if not said:
        return Page(covered=proven_up(task.window.interval, _edge(step), None), gaps=_gaps(step))
    updates = [each for each in said if isinstance(each, dict) and number_of(each, "update_id") is not None]
    if not updates:
        msg = f"{len(said)} updates came, none with a number"
        raise FormatChanged(msg)
    return _page(bot, task, step, updates, response)


def _ask(bot: Bot, state: Mapping[str, Json], now: datetime, step: Step, *, wait: int = 0) -> HttpRequest:
    offset = _offset(state, now)
    params = [("limit", str(LIMIT)), ("timeout", str(wait)), ("allowed_updates", orjson.dumps(WANTED).decode())]
    if offset is not None:
        params.insert(0, ("offset", str(offset)))
    return bot.request("getUpdates", params=tuple(params), step=step.dump())


def _offset(state: Mapping[str, Json], now: datetime) -> int | None:
    """The number after the last one committed; None when Telegram may have begun anew since."""
    offset, last = state.get("offset"), state.get("last")
    if not isinstance(offset, int) or not isinstance(last, str):
        return None
    return offset if now - datetime.fromisoformat(last) < _NEW_NUMBERS_AFTER else None


def _me(bot: Bot, task: Task, said: Json) -> Page:
    if not isinstance(said, dict):
        msg = "Telegram does not say who the bot is"
        raise FormatChanged(msg)
    us: dict[str, Json] = {"username": text_of(said, "username"), "is_bot": flag_of(said, "is_bot")}
    state = {**task.state, "us": us}
    following = _ask(bot, state, task.window.interval.end, Step("updates"), wait=bot.options.wait)
    return Page(next=following, state=state)


def _rights(bot: Bot, task: Task, step: Step, response: HttpResponse) -> Page:
    """Note whether the bot may remove messages in a group; where it is no longer in, it may not."""
    chat, *others = step.chats
    try:
        said = result(response)
    except (BadRequest, Forbidden):
        said = None
    chats = {**part(dict(task.state), "chats"), chat: isinstance(said, dict) and _may_delete(said)}
    state = {**task.state, "chats": dict(list(chats.items())[-_MOST_CHATS:])}
    return Page(next=_further(bot, task, replace(step, chats=tuple(others)), state), state=state)


def _further(bot: Bot, task: Task, step: Step, state: Mapping[str, Json]) -> HttpRequest:
    if not step.chats:
        return _ask(bot, state, task.window.interval.end, replace(step, do="updates", turn=step.turn + 1))
    params = (("chat_id", step.chats[0]), ("user_id", bot.id))
    return bot.request("getChatMember", params=params, step=replace(step, do="rights").dump())


def _may_delete(member: dict[str, Json]) -> bool:
    status = text_of(member, "status")
    return status == "creator" or (status == "administrator" and flag_of(member, "can_delete_messages"))


def _page(bot: Bot, task: Task, step: Step, updates: list[dict[str, Json]], response: HttpResponse) -> Page:
    chats: dict[str, Json] = dict(part(dict(task.state), "chats"))
    _promoted(chats, updates)
    unknown = tuple(chat for chat in chat_ids(updates) if chat not in chats)
    if unknown:
        return Page(next=_further(bot, task, replace(step, chats=unknown), task.state))
    us = Us(bot.id, text_of(part(dict(task.state), "us"), "username"), bot.own)
    items, rejected, deleted = _read(us, chats, updates)
    step = _with_lost(task, step, updates)
    times = [at for at in map(_said_at, reversed(updates)) if at is not None]
    edge, top = _edge(step), top_of(times)
    reached = edge if top is None or (edge is not None and edge > top) else top
    state: dict[str, Json] = {
        **task.state,
        "chats": dict(list(chats.items())[-_MOST_CHATS:]),
        "offset": max(need_number(each, "update_id") for each in updates) + 1,
        "last": response.received_at.isoformat(),
    }
    following = Step("updates", None if reached is None else reached.isoformat(), step.lost, turn=step.turn)
    return Page(
        items=tuple(items),
        rejected=tuple(rejected),
        deleted=tuple(deleted),
        next=_ask(bot, state, response.received_at, following),
        covered=None if reached is None else proven_up(task.window.interval, edge, reached),
        state=state,
    )


def _read(
    us: Us, chats: Mapping[str, Json], updates: list[dict[str, Json]]
) -> tuple[list[Item], list[Rejected], list[Deleted]]:
    items: dict[tuple[str, str], Item] = {}
    rejected: list[Rejected] = []
    deleted: list[Deleted] = []
    for update in updates:
        deleted.extend(_deleted(part(update, "deleted_business_messages")))
        value = next((update[kind] for kind in MESSAGES if kind in update), None)
        if value is None or (isinstance(value, dict) and is_service(value)):
            continue
        kept: Json = value
        try:
            if isinstance(value, dict):
                may_delete = chats.get(str(part(value, "chat").get("id"))) is True
                kept = with_context(value, us, may_delete=may_delete)
                answered = answered_own(value, us)
                if answered is not None:
                    item = read(with_context(answered, us, may_delete=may_delete))
                    items[item.namespace, item.external_id] = item
            item = read(kept)
            items[item.namespace, item.external_id] = item
        except ValueError as error:
            rejected.append(Rejected(str(error), kept))
    return list(items.values()), rejected, deleted


def _deleted(told: dict[str, Json]) -> list[Deleted]:
    """Only a connected business account tells of removals."""
    chat, connection = part(told, "chat").get("id"), text_of(told, "business_connection_id")
    numbers = [each for each in items_of(told, "message_ids") if isinstance(each, int)]
    return [Deleted(f"{chat}:{number}", f"business-{connection}") for number in numbers if chat and connection]


def _promoted(chats: dict[str, Json], updates: list[dict[str, Json]]) -> None:
    """Take in that the bot became an administrator of a group, or is one no longer."""
    for update in updates:
        change = part(update, "my_chat_member")
        chat, member = part(change, "chat"), part(change, "new_chat_member")
        if text_of(chat, "type") in {"group", "supergroup"} and member:
            chats[str(chat.get("id"))] = _may_delete(member)


def _with_lost(task: Task, step: Step, updates: list[dict[str, Json]]) -> Step:
    """Notice numbers that are missing before the first update of the first answer."""
    window, offset = task.window.interval, _offset(task.state, task.window.interval.end)
    first = min(need_number(each, "update_id") for each in updates)
    if offset is None or first <= offset or step.edge is not None or step.lost is not None:
        return step
    at = _said_at(updates[0])
    end = at if at is not None and window.start < at < window.end else window.end
    lost = (window.start.isoformat(), end.isoformat(), first - offset)
    return replace(step, edge=end.isoformat(), lost=lost)


def _gaps(step: Step) -> tuple[GapFound, ...]:
    """Told with the last answer of a chain: what was reported before its end could still be read."""
    if step.lost is None:
        return ()
    start, end, count = step.lost
    reason = f"{count} updates never came here: another program read them, or they waited longer than 24 hours"
    return (GapFound(Interval(datetime.fromisoformat(start), datetime.fromisoformat(end)), reason),)


def _edge(step: Step) -> datetime | None:
    return None if step.edge is None else datetime.fromisoformat(step.edge)


def _said_at(update: dict[str, Json]) -> datetime | None:
    """When something happened: an edit is told with the date of the edit."""
    value = next((part(update, kind) for kind in (*MESSAGES, "my_chat_member") if kind in update), {})
    at = number_of(value, "edit_date") or number_of(value, "date")
    try:
        return None if at is None else parse_unix(at)
    except ValueError:
        return None
