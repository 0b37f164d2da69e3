"""The second reading of topics that were active lately: late approvals, edits, removals and solved answers.

None of these comes up again in the list of latest posts. The list of topics by activity tells which topics
changed; each of those is read again: its first posts, and the last hundred of its stream. An edit of an older
post moves no topic up, so each topic that was active within the days of `reread_days` is read once a day
whatever it says.

This walk has a ledger of its own: "covered" means that the active topics were read again up to that instant.
It counts as done only when the whole list was worked through.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import orjson

from connectors.contract import Page, Task
from connectors.discourse.latest import as_body
from connectors.discourse.reading import Reading, about_of, read_posts, read_topic
from connectors.discourse.site import Site
from connectors.errors import BadRequest, Forbidden, FormatChanged, Gone
from connectors.fields import FieldError, as_object, flag_of, items_of, need_number, number_of, part, text_of
from connectors.instants import parse_iso
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse

LAST = 100
"""Posts read again at a topic's end."""
CHUNK = 20
"""Posts asked for in one call."""
_MOST_LIST_PAGES = 30


@dataclass(frozen=True, slots=True)
class Step:
    """Where this walk is; travels with the request and as the cursor.

    Attributes:
        page: page of the topic list being read; None once the list is complete.
        queue: topics still to read, as [id, mark] with the mark to remember once read.
        ids: posts of the first topic in the queue still to read.
        about: that topic's page cut down to what concerns all its posts.
    """

    page: int | None = 0
    queue: tuple[tuple[int, str], ...] = ()
    ids: tuple[int, ...] = ()
    about: dict[str, Json] | None = None

    def dump(self) -> str:
        """Write it down for `Request.step` and the cursor."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote."""
        known = orjson.loads(written)
        queue = tuple((int(topic), str(mark)) for topic, mark in known["queue"])
        return cls(known["page"], queue, tuple(known["ids"]), known["about"])


def plan(site: Site, task: Task) -> HttpRequest:
    """Start at the most recently active topic, or where an earlier chain broke off."""
    step = Step() if task.window.cursor is None else Step.load(task.window.cursor)
    return _ask(site, step)


def parse(site: Site, task: Task, response: HttpResponse) -> Page:
    """Read one answer of this walk."""
    step = Step.load(response.request.step)
    if step.page is not None:
        return _listed(site, task, step, as_body(site, response))
    try:
        body = as_body(site, response)
    except (Forbidden, BadRequest, Gone):
        if not _is_answer(response):
            raise
        return _onward(site, task, step, Reading())  # moved to a closed category, or removed, since it was listed
    posts = items_of(part(body, "post_stream"), "posts")
    if step.ids:
        reading = read_posts(posts, site, read_topic(step.about or {}))
        return _onward(site, task, replace(step, ids=step.ids[CHUNK:]), reading)
    if not posts:
        msg = f"{site.host} answered a topic without posts"
        raise FormatChanged(msg)
    stream = [each for each in items_of(part(body, "post_stream"), "stream") if isinstance(each, int)]
    here = {number_of(post, "id") for post in posts if isinstance(post, dict)}
    missing = tuple(each for each in stream[-LAST:] if each not in here)
    reading = read_posts(posts, site, read_topic(body))
    return _onward(site, task, replace(step, ids=missing, about=about_of(body) if missing else None), reading)


def _is_answer(response: HttpResponse) -> bool:
    return response.body.lstrip()[:1] == b"{"


def _ask(site: Site, step: Step) -> HttpRequest:
    written = step.dump()
    if step.page is not None:
        return site.request("/latest.json", params=(("order", "activity"), ("page", str(step.page))), step=written)
    topic = step.queue[0][0]
    if step.ids:
        wanted = tuple(("post_ids[]", str(each)) for each in step.ids[:CHUNK])
        return site.request(f"/t/{topic}/posts.json", params=(*wanted, ("include_raw", "true")), step=written)
    return site.request(f"/t/{topic}.json", params=(("include_raw", "true"),), step=written)


def _listed(site: Site, task: Task, step: Step, body: dict[str, Json]) -> Page:
    listing = part(body, "topic_list")
    if not isinstance(listing.get("topics"), list):
        msg = f"{site.host} answered without a list of topics"
        raise FormatChanged(msg)
    cutoff = task.window.interval.end - timedelta(days=site.options.reread_days)
    known = part(dict(task.state), "topics")
    queue, old = list(step.queue), False
    queued = {topic for topic, _ in queue}
    topics = items_of(listing, "topics")
    for each in topics:
        try:
            topic = as_object(each, "the topic")
            key, bumped = need_number(topic, "id"), parse_iso(topic.get("bumped_at") or topic.get("last_posted_at"))
        except (FieldError, ValueError):
            continue  # a topic without id or date cannot be read again; its posts come by the other walk
        if bumped < cutoff:
            # Pinned topics stand on top whatever their age and say nothing about the rest of the list.
            old = old or not (flag_of(topic, "pinned") or flag_of(topic, "pinned_globally"))
            continue
        mark = _mark(topic, task)
        if known.get(str(key)) != mark and key not in queued:
            queue.append((key, mark))
            queued.add(key)
    page = step.page or 0
    last = old or not topics or not text_of(listing, "more_topics_url") or page + 1 >= _MOST_LIST_PAGES
    following = Step(page=None if last else page + 1, queue=tuple(queue))
    return _page(site, task, following, Reading())


def _mark(topic: dict[str, Json], task: Task) -> str:
    """What tells that a topic changed, and the day, so that each is read once a day in any case; short, it travels."""
    names = ("bumped_at", "highest_post_number", "posts_count", "has_accepted_answer", "closed", "title")
    parts = [*(topic.get(name) for name in names), task.window.interval.end.date().isoformat()]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:16]


def _onward(site: Site, task: Task, step: Step, reading: Reading) -> Page:
    """The topic in front is read, or has posts left to ask for."""
    if step.ids:
        return _page(site, task, step, reading)
    done, mark = step.queue[0]
    topics = part(dict(task.state), "topics") | {str(done): mark}
    # The oldest notes fall away: a topic that is no longer active is not listed, so its note serves nobody.
    recent = dict(list(topics.items())[-2000:])
    return _page(site, task, Step(page=None, queue=step.queue[1:]), reading, {**task.state, "topics": recent})


def _page(site: Site, task: Task, step: Step, reading: Reading, state: dict[str, Json] | None = None) -> Page:
    more = step.page is not None or bool(step.queue)
    return Page(
        items=tuple(reading.items),
        rejected=tuple(reading.rejected),
        deleted=tuple(reading.deleted),
        next=_ask(site, step) if more else None,
        cursor=step.dump() if more else None,
        covered=None if more else task.window.interval,
        state=state,
    )
