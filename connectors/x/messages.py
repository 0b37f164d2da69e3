"""Direct messages of our account: a walk from the newest event down, and from an event to an item.

X lists the last thirty days of all conversations, newest first, and takes no start or end. A message is private, and
directed at us unless we wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.contract import Page, Task
from connectors.fields import as_object, items_of, need_id, need_text, part, text_of
from connectors.instants import parse_iso
from connectors.items import Capabilities, Item, Json, Kind, LengthUnit, Rejected, Visibility
from connectors.progress import bottom_of, lower_of, proven_down
from connectors.requests import HttpRequest, HttpResponse
from connectors.x import prices
from connectors.x.answers import Object, body_of
from connectors.x.house import House
from connectors.x.reading import OURS, Us, author_of, by_key, created_of, media_of
from connectors.x.steps import Step
from connectors.x.walk import posts_of

NAMESPACE = "dm"
LONGEST = 10_000
_MOST, _LEAST = 100, 1
_EACH = prices.EVENT + prices.USER
_NOT_CONNECTED = "Our X account is not connected for answering: run `klankbord connect x`."


def plan(house: House, task: Task) -> HttpRequest:
    """Begin with the newest message, or where a broken-off chain stopped."""
    return _ask(house, Step(after=task.window.cursor), task.left)


def parse(house: House, task: Task, response: HttpResponse) -> Page:
    """Read one page."""
    step = Step.load(response.request.step)
    body = body_of(response, renewable=house.login.renewable(response.request))
    events, window = posts_of(body), task.window.interval
    items, rejected = read(house.us, body)
    spent, state = prices.charge(task.state, response.received_at, bought(body))
    bottom = bottom_of([at for event in events if (at := created_of(event)) is not None])
    token = text_of(part(body, "meta"), "next_token")
    page = Page(items, rejected, state=state, spent=spent)
    if token is None or (bottom is not None and bottom < window.start):
        return replace(page, covered=proven_down(window, None, step.edge_at))
    covered = None if bottom is None else proven_down(window, bottom, step.edge_at)
    lower = lower_of(step.edge_at, bottom)
    following = Step(after=token, edge=None if lower is None else lower.isoformat(), read=step.read + len(events))
    request = _ask(house, following, prices.after(task.left, spent))
    return replace(page, next=request, cursor=token, covered=covered)


def bought(body: Object) -> list[tuple[str, float]]:
    """Name and price of the messages and users in an answer."""
    events = [text_of(each, "id") for each in items_of(body, "data") if isinstance(each, dict)]
    users = [text_of(each, "id") for each in items_of(part(body, "includes"), "users") if isinstance(each, dict)]
    paid = [(f"d{key}", prices.EVENT) for key in events if key]
    return paid + [(f"u{key}", prices.USER) for key in users if key]


def read(us: Us, body: Object) -> tuple[tuple[Item, ...], tuple[Rejected, ...]]:
    """Read every message of an answer; the unreadable ones are set aside."""
    includes = part(body, "includes")
    users, media = by_key(includes, "users", "id"), by_key(includes, "media", "media_key")
    items: list[Item] = []
    rejected: list[Rejected] = []
    for event in items_of(body, "data"):
        try:
            item = _one(us, as_object(event, "the message"), users, media)
        except ValueError as error:
            known = text_of(event, "id") if isinstance(event, dict) else None
            rejected.append(Rejected(str(error), event, known))
            continue
        if item is not None:
            items.append(item)
    return tuple(items), tuple(rejected)


def _one(us: Us, event: Object, users: Mapping[str, Object], media: Mapping[str, Object]) -> Item | None:
    if text_of(event, "event_type") not in {"MessageCreate", None}:
        return None  # somebody came or went
    context: Object = {}
    author = users.get(text_of(event, "sender_id") or "")
    if author is not None:
        context["author"] = author
    keys = items_of(part(event, "attachments"), "media_keys")
    attached: list[Json] = [media[key] for key in keys if isinstance(key, str) and key in media]
    if attached:
        context["media"] = attached
    return read_kept({**event, OURS: context}, us)


def read_kept(event: Object, us: Us) -> Item:
    """Read one message that carries its context.

    Raises:
        ValueError: a needed field is missing or wrong.
    """
    context, key = part(event, OURS), need_id(event)
    sender, conversation = text_of(event, "sender_id"), text_of(event, "dm_conversation_id")
    user = part(context, "author")
    own = us.account.wrote(sender, text_of(user, "username"))
    return Item(
        external_id=key,
        namespace=NAMESPACE,
        kind=Kind.MESSAGE,
        text=need_text(event, "text").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"),
        author=author_of(sender, user, us.account if own else None),
        url=f"https://x.com/messages/{conversation}" if conversation else "https://x.com/messages",
        published_at=parse_iso(event.get("created_at")),
        thread_external_id=conversation,
        visibility=Visibility.PRIVATE,
        is_own=own,
        addressed=not own,
        capabilities=_capabilities(us, conversation, own=own),
        media=media_of(items_of(context, "media")),
        extra={"dm": key, "conversation": conversation},
        raw=event,
    )


def _capabilities(us: Us, conversation: str | None, *, own: bool) -> Capabilities:
    why = None
    if own:
        why = "This is a message of your own account."
    elif not us.can_act or conversation is None:
        why = _NOT_CONNECTED
    return Capabilities(
        can_reply=why is None,
        why_not_reply=why,
        max_length=LONGEST,
        length_unit=LengthUnit.CODE_POINTS,
        deep_link=f"https://x.com/messages/{conversation}" if conversation else "https://x.com/messages",
    )


def _ask(house: House, step: Step, left: Mapping[str, float]) -> HttpRequest:
    size = prices.size(left, _EACH, least=_LEAST, most=_MOST)
    written = replace(step, size=size).dump()
    token, price = house.login.own(), prices.price(size * _EACH)
    return house.calls.messages(size=size, after=step.after, token=token, price=price, step=written)
