"""The filtered stream: posts are pushed as they are written, and recent search goes over what it missed.

One line of work for all our searches. A run first searches from where it was left up to now, sets the rules, and then
listens for some minutes. A connection proves the time it stood, less what X takes to deliver; its first second and
everything between two connections stay open, so that the next run's search, with its look-back, goes over every seam.
X has no cursor on the stream: what `backfill_minutes` brings back is kept, and proves nothing.

With several searches a stretch is complete when the last of them was read down to there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from connectors.contract import Interval, Page, Purpose, Query, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import FieldError, as_object, items_of, text_of
from connectors.items import Item, Json, Rejected
from connectors.requests import HttpRequest, HttpResponse, Reconnect, StreamBatch, StreamRequest
from connectors.x import prices, rules, walk
from connectors.x.answers import PLATFORM, Object, body_of, problems_of, refuse_stream
from connectors.x.house import House
from connectors.x.reading import Reader
from connectors.x.steps import LISTEN, RULES, SEARCH, Step, searches_of

DELIVERY = timedelta(seconds=30)
"""X delivers within seven seconds, 99 times in a hundred (its documentation); what is later, the look-back finds."""
SEAM = timedelta(seconds=1)
RECONNECT = Reconnect(step=0.25, longest_step=16, trouble=5, longest_trouble=320, limited=60)
"""As X's documentation on handling disconnections asks for."""
IDLE_S = 21.0
"""A line comes at least every 20 seconds."""
BATCH = 20
_TICK = timedelta(microseconds=1)


def plan(house: House, task: Task) -> HttpRequest:
    """Begin with the searches, or go on with the one where a chain broke off.

    Raises:
        AuthDead: there is no app-only token, which X wants for its stream.
        BadRequest: the cursor is none of ours.
    """
    house.login.app()
    group, end = _resumed(task)
    return walk.plan(house, _one(task, group, end), group=group, end=end)


def parse(house: House, task: Task, response: HttpResponse | StreamBatch) -> Page:
    """Read a page of a search, the rules, a batch, or a refusal to stream."""
    if isinstance(response, StreamBatch):
        return _batch(house, task, response)
    step = Step.load(response.request.step)
    if step.asks == LISTEN:
        body_of(response)
        msg = f"{PLATFORM} did not stream"
        raise FormatChanged(msg)
    if step.asks != RULES:
        return _searched(house, task, response, step)
    wanted = searches_of(task.query)
    page = rules.parse(house, task, response, wanted)
    if page is not None:
        return page
    state: dict[str, Json] = {**task.state, "rules": rules.known(response, wanted)}
    return Page(next=_listen(house), state=state)


def _searched(house: House, task: Task, response: HttpResponse, step: Step) -> Page:
    """A page of one search; after the last page the next search, and after the last search the stream."""
    last = step.group == len(searches_of(task.query)) - 1
    page = walk.parse(house, _one(task, step.group, step.end), response)
    covered = page.covered if last else None
    if page.next is not None:
        following = Step.load(page.next.step) if isinstance(page.next, HttpRequest) else step
        return replace(page, covered=covered, cursor=_cursor(following.group, following.edge))
    left = prices.after(task.left, page.spent or {})
    if not last:
        group = step.group + 1
        begun = walk.plan(house, replace(_one(task, group, None), left=left), group=group)
        return replace(page, covered=None, next=begun, cursor=_cursor(group, None))
    listens = task.window.purpose is Purpose.EXTEND
    return replace(page, covered=covered, next=rules.look(house, Step()) if listens else None)


def _one(task: Task, group: int, end: str | None) -> Task:
    """The task of one of the searches alone, over what of the window is left for it."""
    query = Query(task.query.id, task.query.label, {"kind": SEARCH, "query": searches_of(task.query)[group]})
    window = task.window
    upto = window.interval.end if end is None else min(window.interval.end, datetime.fromisoformat(end))
    return replace(
        task, query=query, window=replace(window, interval=Interval(window.interval.start, upto), cursor=None)
    )


def _cursor(group: int, edge: str | None) -> str | None:
    """What resumes a chain that breaks off here; None begins with the first search."""
    return None if group == 0 and edge is None else f"{group}|{edge or ''}"


def _resumed(task: Task) -> tuple[int, str | None]:
    """Which search a broken-off chain goes on with, and from which instant down."""
    if task.window.cursor is None:
        return 0, None
    number, _, edge = task.window.cursor.partition("|")
    most, interval = len(searches_of(task.query)), task.window.interval
    try:
        group, below = int(number), None if not edge else datetime.fromisoformat(edge) + _TICK
    except ValueError as error:
        msg = f"{task.window.cursor!r} is no place to go on in our searches"
        raise BadRequest(msg) from error
    if not 0 <= group < most:
        return 0, None
    if below is not None and below <= interval.start:  # this search was read to the end here
        group, below = min(group + 1, most - 1), None
    return group, None if below is None or below >= interval.end else below.isoformat()


def _listen(house: House) -> StreamRequest:
    price = prices.price(BATCH * house.unit(prices.POST))
    written = Step(asks=LISTEN).dump()
    return house.calls.stream(
        token=house.login.app(),
        backfill=house.options.backfill_minutes or None,
        lasts=house.options.stream_minutes * 60.0,
        reconnect=RECONNECT,
        batch=BATCH,
        idle=IDLE_S,
        price=price,
        step=written,
    )


def _batch(house: House, task: Task, batch: StreamBatch) -> Page:
    """What was pushed, what it cost, and what the connection proves."""
    state, opened = dict(task.state), batch.connected_at.isoformat()
    fresh = state.get("opened") != opened
    if not fresh and isinstance(ended := state.get("ended"), dict):
        refuse_stream(ended, batch.received_at)
    state.pop("ended", None)
    items: list[Item] = []
    rejected: list[Rejected] = []
    paid: list[tuple[str, float]] = []
    reader, ours = Reader(house.us), set(items_of(state, "rules"))
    for event in batch.events:
        try:
            body = as_object(orjson.loads(event.data), "a line of the stream")
        except (FieldError, ValueError) as error:
            rejected.append(Rejected(f"a line of the stream cannot be read: {error}", {"line": event.data[:100_000]}))
            continue
        if "data" not in body:
            problem = next(iter(problems_of(body)), None) or (body if text_of(body, "title") else None)
            state |= {} if problem is None else {"ended": problem}
            continue
        paid += walk.bought(body, prices.POST)  # also what a rule of another program brought
        if _for_us(body, ours):
            some, unread = reader.read(body)
            items += some
            rejected += unread
    spent = None
    if paid:
        spent, state = prices.charge(state, batch.received_at, paid)
    covered, until = _proof(state, batch, fresh=fresh)
    state |= {"opened": opened, "until": until.isoformat()}
    return Page(tuple(items), tuple(rejected), covered=covered, state=state, spent=spent)


def _for_us(body: Object, ours: set[Json]) -> bool:
    """Whether a rule of ours brought a post; one that names no rules is taken."""
    matched = [text_of(each, "id") for each in items_of(body, "matching_rules") if isinstance(each, dict)]
    return not matched or not ours or any(each in ours for each in matched)


def _proof(state: dict[str, Json], batch: StreamBatch, *, fresh: bool) -> tuple[Interval | None, datetime]:
    """What of the connection's time is certain by now, and up to where it was."""
    known = state.get("until")
    start = batch.connected_at + SEAM if fresh or not isinstance(known, str) else datetime.fromisoformat(known)
    end = batch.received_at - DELIVERY
    return (Interval(start, end), end) if start < end else (None, start)
