"""Search and mentions: a walk from the newest post down to the start of a window, page by page.

X pages by a token and takes a start and an end in whole seconds. A stretch that reaches to now names no end: X's own is
half a minute ago, because its index lags; the look-back of the next run reads what came late. A broken-off chain goes
on with the stretch that is left, so no token is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from connectors.contract import GapFound, Interval, Page, Purpose, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import items_of, part, text_of
from connectors.items import Json
from connectors.progress import bottom_of, proven_down
from connectors.requests import HttpRequest, HttpResponse
from connectors.x import prices
from connectors.x.answers import PLATFORM, Object, body_of, end_is_too_recent, refuse_whole
from connectors.x.house import House
from connectors.x.reading import Reader, created_of
from connectors.x.steps import MENTIONS, SEARCH, Step
from connectors.x.vocabulary import included_posts

_MOST = 100
_LEAST = {SEARCH: 10, MENTIONS: 5}
_TIMELINE = 790
"""The mentions' timeline ends after 800 posts; a few of them may have been removed."""


def plan(house: House, task: Task, *, group: int = 0, end: str | None = None) -> HttpRequest:
    """Say how the walk begins.

    Args:
        house: what every line of work needs.
        task: what to walk over.
        group: which of several searches this is.
        end: ISO instant at which it begins, where that is not the window's own end.
    """
    query = task.query.params.get("query", "")
    if len(query) > house.options.query_length:
        msg = f"a phrase makes a query of {len(query)} characters; {PLATFORM} takes {house.options.query_length}"
        raise BadRequest(msg)
    newest = task.window.purpose is Purpose.EXTEND and end is None
    return _ask(house, task, Step(open=newest, group=group, end=end), task.left)


def parse(house: House, task: Task, response: HttpResponse) -> Page:
    """Read one page."""
    step = Step.load(response.request.step)
    if end_is_too_recent(response) and not step.open:
        return Page(next=_ask(house, task, replace(step, open=True), task.left), spent={})
    body = body_of(response, renewable=house.login.renewable(response.request))
    posts = posts_of(body)
    reader = Reader(house.us, addressed=task.query.params["kind"] == MENTIONS)
    items, rejected = reader.read(body)
    spent, state = prices.charge(task.state, response.received_at, bought(body, _price(house, task)))
    times = [at for post in posts if (at := created_of(post)) is not None]
    count, token = step.read + len(posts), text_of(part(body, "meta"), "next_token")
    window, bottom = task.window.interval, bottom_of(times)
    if token is None:
        ends = _TIMELINE if task.query.params["kind"] == MENTIONS else None
        gap = bottom if ends is not None and count >= ends else None
        return _last(task, step, Page(items, rejected, state=state, spent=spent), gap)
    covered = None if bottom is None else proven_down(window, bottom, step.edge_at)
    edge = step.edge if bottom is None or _below(step.edge_at, bottom) else bottom.isoformat()
    following = replace(step, after=token, edge=edge, read=count)
    request = _ask(house, task, following, prices.after(task.left, spent))
    return Page(items, rejected, next=request, covered=covered, state=state, spent=spent)


def posts_of(body: Object) -> list[Json]:
    """The posts of an answer.

    Raises:
        Forbidden, BadRequest: the answer claims success and holds nothing but an error.
        FormatChanged: what stands in their place is something else.
    """
    if "data" not in body and "meta" not in body:
        refuse_whole(body)
    data = body.get("data", [])
    if not isinstance(data, list) or not isinstance(body.get("meta", {}), dict):
        msg = f"{PLATFORM} answered without a list of posts"
        raise FormatChanged(msg)
    return data


def bought(body: Object, each: float) -> list[tuple[str, float]]:
    """Name and price of all that an answer holds: its posts, and the posts and users that came along."""
    includes = part(body, "includes")
    data = body.get("data")
    found = [(each, post) for post in (data if isinstance(data, list) else [data])]
    found += [(prices.POST, post) for post in included_posts(includes)]
    named = [(f"p{key}", usd) for usd, post in found if isinstance(post, dict) and (key := text_of(post, "id"))]
    users = [text_of(user, "id") for user in items_of(includes, "users") if isinstance(user, dict)]
    return [*named, *((f"u{key}", prices.USER) for key in users if key)]


def _last(task: Task, step: Step, page: Page, cut_at: datetime | None) -> Page:
    """X's own end: the start of the window, or where the mentions' timeline was cut off."""
    window = task.window.interval
    if cut_at is None or cut_at <= window.start:
        return replace(page, covered=proven_down(window, None, step.edge_at))
    gap = GapFound(Interval(window.start, cut_at), f"{PLATFORM} lists the newest 800 mentions only")
    return replace(page, covered=proven_down(window, cut_at, step.edge_at), gaps=(gap,))


def _ask(house: House, task: Task, step: Step, left: Mapping[str, float]) -> HttpRequest:
    kind, window = task.query.params["kind"], task.window.interval
    unit = house.unit(_price(house, task))
    size = prices.size(left, unit, least=_LEAST[kind], most=_MOST)
    written = replace(step, size=size).dump()
    start = window.start.replace(microsecond=0)
    end = None if step.open else window.end
    price = prices.price(size * unit)
    if kind == SEARCH:
        query = task.query.params["query"]
        return house.calls.search(
            query,
            size=size,
            start=start,
            end=end,
            after=step.after,
            token=house.login.reading(),
            price=price,
            step=written,
        )
    us = house.options.account_id or ""
    return house.calls.mentions(
        us, size=size, start=start, end=end, after=step.after, token=house.login.own(), price=price, step=written
    )


def _price(house: House, task: Task) -> float:
    return house.owned if task.query.params["kind"] == MENTIONS else prices.POST


def _below(edge: datetime | None, bottom: datetime) -> bool:
    return edge is not None and edge <= bottom
