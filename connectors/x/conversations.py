"""Replies under our own posts of the last week.

First our own posts are asked for, then what others say in the conversations that they began, a dozen in one search. X
charges per post it shows and not per question, so every conversation is asked about in every run. Nothing is proven
before the last one was read: only then is the window complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.contract import Page, Purpose, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import part, text_of
from connectors.items import Json
from connectors.progress import bottom_of
from connectors.requests import HttpRequest, HttpResponse
from connectors.x import prices
from connectors.x.answers import PLATFORM, body_of, end_is_too_recent
from connectors.x.house import House
from connectors.x.reading import Reader, created_of
from connectors.x.searching import replies_query
from connectors.x.steps import OWN, REPLIES, Step
from connectors.x.vocabulary import versions_of
from connectors.x.walk import bought, posts_of

WEEK = timedelta(days=7)
MOST_CONVERSATIONS = 240
"""Conversations that are followed; the oldest make room."""
_MOST, _LEAST_OWN, _LEAST = 100, 5, 10
_SLACK = timedelta(hours=1)


def plan(house: House, task: Task) -> HttpRequest:
    """Begin with our own posts; a chain that broke off goes on with the conversation where it was.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    step = Step(OWN, open=task.window.purpose is Purpose.EXTEND)
    if task.window.cursor is None:
        return _own(house, task, step, task.left)
    below, _, end = task.window.cursor.partition("|")
    if not below.isdigit():
        msg = f"{task.window.cursor!r} is no place to go on in our conversations"
        raise BadRequest(msg)
    resumed = replace(step, below=below, end=end or None)
    return _replies(house, task, resumed, task.state, task.left) or _own(house, task, step, task.left)


def parse(house: House, task: Task, response: HttpResponse) -> Page:
    """Read our own posts, or replies under them."""
    step = Step.load(response.request.step)
    if step.asks == REPLIES and end_is_too_recent(response) and not step.open:
        again = _replies(house, task, replace(step, open=True), task.state, task.left)
        return Page(next=again, cursor=_cursor(step), spent={})
    body = body_of(response, renewable=house.login.renewable(response.request))
    posts, own = posts_of(body), step.asks == OWN
    items, rejected = Reader(house.us, ours=not own, by_us=own).read(body)
    if not own and items and all(item.is_own for item in items):
        msg = f"{PLATFORM} was asked for what others say under our posts and shows our own"
        raise FormatChanged(msg)
    spent, state = prices.charge(task.state, response.received_at, bought(body, house.owned if own else prices.POST))
    left, token = prices.after(task.left, spent), text_of(part(body, "meta"), "next_token")
    if own:
        state = _remember(state, posts, task.window.interval.end, whole=token is None)
    following = _following(step, posts, token)
    if following.asks == OWN:
        request: HttpRequest | None = _own(house, task, following, left)
    else:
        request = _replies(house, task, following, state, left)
    covered = task.window.interval if request is None else None
    return Page(items, rejected, next=request, cursor=_cursor(following), covered=covered, state=state, spent=spent)


def _following(step: Step, posts: list[Json], token: str | None) -> Step:
    """Where the chain goes on."""
    if token is None:
        return Step(REPLIES, open=step.open, below=step.below if step.asks == OWN else step.done)
    bottom = bottom_of([at for post in posts if (at := created_of(post)) is not None])
    return replace(step, after=token, edge=step.edge if bottom is None else bottom.isoformat())


def _cursor(step: Step) -> str | None:
    """What resumes a chain that breaks off here; None begins with our own posts again."""
    if step.below is None or step.asks == OWN:
        return None
    return step.below if step.edge is None else f"{step.below}|{step.edge}"


def _own(house: House, task: Task, step: Step, left: Mapping[str, float]) -> HttpRequest:
    each = house.unit(house.owned) - prices.USER
    size = prices.size(left, each, least=_LEAST_OWN, most=_MOST)
    return house.calls.own_posts(
        house.options.account_id or "",
        size=size,
        start=_unread(task),
        after=step.after,
        token=house.login.own(),
        price=prices.price(size * each),
        step=replace(step, asks=OWN, size=size).dump(),
    )


def _unread(task: Task) -> datetime:
    """From when our own posts are asked for: what is known already costs money again."""
    week = task.window.interval.end - WEEK
    asked = task.state.get("own_until")
    known = datetime.fromisoformat(asked) - _SLACK if isinstance(asked, str) else week
    return max(week, min(known, task.window.interval.end - _SLACK)).replace(microsecond=0)


def _remember(state: Mapping[str, Json], posts: list[Json], end: datetime, *, whole: bool) -> dict[str, Json]:
    """Our conversations of the last week, by the id of the post that began each."""
    known: dict[str, Json] = dict(part(dict(state), "own"))
    for post in posts:
        if not isinstance(post, dict):
            continue
        first = (versions_of(post) or [text_of(post, "id") or ""])[0]
        at = created_of(post)
        if at is not None and first.isdigit() and text_of(post, "conversation_id") in {first, None}:
            known[first] = int(at.timestamp())
    oldest = (end - WEEK).astimezone(UTC).timestamp()
    young = {key: at for key, at in known.items() if isinstance(at, int) and at >= oldest}
    kept = sorted(young, key=int, reverse=True)[:MOST_CONVERSATIONS]
    until: dict[str, Json] = {"own_until": end.isoformat()} if whole else {}
    return {**state, "own": {key: young[key] for key in kept}, **until}


def _replies(
    house: House, task: Task, step: Step, state: Mapping[str, Json], left: Mapping[str, float]
) -> HttpRequest | None:
    """The search for the conversations whose turn it is; None when all were read."""
    known = sorted((key for key in part(dict(state), "own") if key.isdigit()), key=int, reverse=True)
    turn = [key for key in known if step.below is None or int(key) < int(step.below)]
    if not turn:
        return None
    query, count = replies_query(house.options, turn)
    each, window = house.unit(prices.POST), task.window.interval
    size = prices.size(left, each, least=_LEAST, most=_MOST)
    below = step.below or str(int(turn[0]) + 1)  # so that a chain that breaks off here knows its conversations again
    written = replace(step, asks=REPLIES, size=size, below=below, done=turn[count - 1]).dump()
    end = window.end if step.end is None else datetime.fromisoformat(step.end) + timedelta(seconds=1)
    return house.calls.search(
        query,
        size=size,
        start=window.start.replace(microsecond=0),
        end=None if step.open else end,
        after=step.after,
        token=house.login.reading(),
        price=prices.price(size * each),
        step=written,
    )
