"""The lines of work on an instance and how each answer is read: who we are, timelines, threads of mentions, search.

A chain begins by asking who we are when there is a token and nobody asked before, so that our own posts are known.
A mention that answers a post names it by local id only, so the page of mentions is followed by one question per
such mention for its thread: that gives the parent's uri and the thread's root, and brings our own post into the
conversation. What those pages prove is claimed only when the last of these questions is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import orjson

from connectors.contract import Interval, Page, Query, Task
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import items_of, number_of, part, text_of
from connectors.items import Item, Json, Rejected
from connectors.mastodon import walk
from connectors.mastodon.instance import Instance
from connectors.mastodon.reading import Reader, local_uris, names_of, read_kept
from connectors.requests import HttpRequest, HttpResponse
from connectors.sought import beside, key_of, quoted

TAG, NOTIFICATIONS, SEARCH = "tag", "notifications", "search"
_ME, _CHECK, _PAGE, _THREAD, _FOUND, _PROBE = "me", "check", "page", "thread", "found", "probe"
_ADDRESSED = ("mention", "quote")
"""Kinds of notifications that hold what others say to us; quotes came with Mastodon 4.5, older servers know none."""
_THREADS = 300
"""Threads of mentions that are remembered, so that a mention read again is not asked for its thread again."""


@dataclass(frozen=True, slots=True)
class Step:
    """Which question an answer belongs to; travels with the request.

    Attributes:
        asks: one of the six kinds of question.
        place: where the walk is.
        offset: how many hits of a search were read.
        pending: mentions that wait for their thread.
        covered: what the page they came from proves, as two ISO instants.
        following: where the walk goes on after them; None at its end.
        probe: what shows whether the server knows `min_id`, as (above, expected).
    """

    asks: str
    place: dict[str, Json] | None = None
    offset: int = 0
    pending: tuple[dict[str, Json], ...] = ()
    covered: tuple[str, str] | None = None
    following: dict[str, Json] | None = None
    probe: tuple[str, str] | None = None

    def dump(self) -> str:
        """Write it down for `Request.step`."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote."""
        known = orjson.loads(written)
        covered, probe = known["covered"], known["probe"]
        return cls(
            known["asks"],
            known["place"],
            known["offset"],
            tuple(known["pending"]),
            None if covered is None else (covered[0], covered[1]),
            known["following"],
            None if probe is None else (probe[0], probe[1]),
        )


class Lines:
    """Plans and reads one instance's lines of work. Does not act."""

    def __init__(self, instance: Instance, own: frozenset[str], *, skip_noindex: bool) -> None:
        self._instance = instance
        self._own = own
        self._skip_noindex = skip_noindex

    def plan(self, task: Task) -> HttpRequest:
        """Say how a chain begins.

        Raises:
            AuthDead: this line of work needs our account, and none is connected.
        """
        kind = task.query.params["kind"]
        if kind != TAG:
            self._instance.need_login("searching" if kind == SEARCH else "reading mentions")
        if kind == SEARCH:
            cursor = task.window.cursor or "0"
            if not cursor.isdigit():
                msg = f"{cursor!r} is no place to go on in a search"
                raise BadRequest(msg)
            step = Step(_FOUND, offset=int(cursor))
        else:
            step = Step(_PAGE, walk.start(task).dump())
        if self._instance.has_token and "us" not in task.state:
            step = replace(step, asks=_ME)
        elif kind == SEARCH and task.state.get("search_works") is not True:
            step = replace(step, asks=_CHECK)
        return self._ask(task, step)

    def parse(self, task: Task, response: HttpResponse) -> Page:
        """Read one answer."""
        step = Step.load(response.request.step)
        if step.asks == _ME:
            return self._met(task, step, response)
        if step.asks == _CHECK:
            return self._checked(task, step, response)
        if step.asks == _THREAD:
            return self._thread(task, step, response)
        if step.asks == _FOUND:
            return self._found(task, step, response)
        if step.asks == _PROBE:
            return self._probed(task, step, response)
        return self._page(task, step, response)

    def _ask(self, task: Task, step: Step) -> HttpRequest:
        ask, written = self._instance.request, step.dump()
        if step.asks == _ME:
            return ask("/api/v1/accounts/verify_credentials", step=written)
        if step.asks == _CHECK:
            return ask("/api/v2/search", params=(("q", "from:me"), ("type", "statuses"), ("limit", "1")), step=written)
        if step.asks == _THREAD:
            return ask(f"/api/v1/statuses/{text_of(step.pending[0], 'id')}/context", step=written)
        if step.asks == _FOUND:
            # A day is named without a time zone and "after" leaves it out: two days below is on the safe side.
            day = (task.window.interval.start - timedelta(days=2)).date().isoformat()
            said = quoted(task.query.params["term"]) + task.query.params.get("beside", "")
            params = (("q", f"{said} after:{day}"), ("type", "statuses"), ("limit", str(walk.LIMIT)))
            return ask("/api/v2/search", params=(*params, ("offset", str(step.offset))), step=written)
        place = walk.Place.load(step.place or {}) if step.place is not None else walk.Place()
        paging = place.params() if step.asks == _PAGE or step.probe is None else walk.Probe(*step.probe).params()
        if task.query.params["kind"] == TAG:
            return ask(f"/api/v1/timelines/tag/{task.query.params['tag']}", params=paging, step=written)
        wanted = (*(("types[]", kind) for kind in _ADDRESSED), ("include_filtered", "true"))
        return ask("/api/v1/notifications", params=(*wanted, *paging), step=written)

    def _met(self, task: Task, step: Step, response: HttpResponse) -> Page:
        account = self._instance.body(response)
        if not isinstance(account, dict):
            msg = f"{self._instance.host} does not say whose token this is"
            raise FormatChanged(msg)
        names: list[Json] = [*sorted(names_of(account, self._instance.host))]
        state: dict[str, Json] = {
            **task.state,
            "us": names,
            "posts": number_of(account, "statuses_count"),
        }
        search = task.query.params["kind"] == SEARCH
        following = replace(step, asks=_CHECK if search else _PAGE)
        return Page(next=self._ask(task, following), cursor=task.window.cursor, state=state)

    def _checked(self, task: Task, step: Step, response: HttpResponse) -> Page:
        """An instance without full-text search answers nothing and calls it success: ask for our own posts."""
        found = items_of(self._object(response), "statuses")
        posts = task.state.get("posts")
        if not found and isinstance(posts, int) and posts > 0:
            msg = (
                f"{self._instance.host} does not even find our own {posts} posts: it has no full-text search; "
                "read hashtags there instead"
            )
            raise Forbidden(msg)
        state = {**task.state, "search_works": bool(found)}
        return Page(next=self._ask(task, replace(step, asks=_FOUND)), cursor=task.window.cursor, state=state)

    def _page(self, task: Task, step: Step, response: HttpResponse) -> Page:
        entries = self._instance.body(response)
        if not isinstance(entries, list):
            msg = f"{self._instance.host} answered without a list of posts"
            raise FormatChanged(msg)
        stride = walk.stride(task, walk.Place.load(step.place or {}), entries, response.headers.get("link", ""))
        mentions = task.query.params["kind"] == NOTIFICATIONS
        statuses, strange = _statuses(entries, mentions=mentions)
        waiting = self._waiting(statuses) if mentions else []
        known = part(dict(task.state), "threads")
        unknown = [each for each in waiting if str(each.get("id")) not in known]
        items, rejected = self._reader(task).read([each for each in statuses if each not in waiting])
        for mention in waiting:
            if mention not in unknown:
                read, unread = self._in_thread(task, mention, known[str(mention.get("id"))])
                items, rejected = [*items, *read], [*rejected, *unread]
        following = None if stride.following is None else stride.following.dump()
        probe = None if stride.probe is None else (stride.probe.above, stride.probe.expected)
        span = None if stride.covered is None else _written(stride.covered)
        after = Step(_THREAD, step.place, pending=tuple(unknown), covered=span, following=following, probe=probe)
        result = _Result(tuple(items), (*strange, *rejected))
        return self._after(task, after, result, stride.state)

    def _after(self, task: Task, step: Step, result: _Result, state: Mapping[str, Json] | None) -> Page:
        """Ask for the next mention's thread, or claim what the page proves and go on."""
        if step.pending:
            again = walk.Place.load(step.place or {}).cursor()  # a broken-off chain reads this page again
            return Page(result.items, result.rejected, next=self._ask(task, step), cursor=again, state=state)
        covered = _read_span(step.covered)
        following = None if step.following is None else walk.Place.load(step.following)
        asking = None if following is None else Step(_PAGE, following.dump())
        if step.probe is not None:
            asking = Step(_PROBE, following=step.following, probe=step.probe)
        cursor = None if following is None else following.cursor()
        request = None if asking is None else self._ask(task, asking)
        return Page(result.items, result.rejected, next=request, cursor=cursor, covered=covered, state=state)

    def _probed(self, task: Task, step: Step, response: HttpResponse) -> Page:
        entries = self._instance.body(response)
        if not isinstance(entries, list) or step.probe is None or not all(isinstance(each, dict) for each in entries):
            msg = f"{self._instance.host} answered without a list of posts"
            raise FormatChanged(msg)
        state: dict[str, Json] = {**task.state, "knows_min_id": walk.Probe(*step.probe).passed(entries)}
        return self._after(task, replace(step, probe=None), _Result((), ()), state)

    def _waiting(self, statuses: list[Json]) -> list[dict[str, Json]]:
        """Mentions that answer a post which is not in the same answer."""
        here = local_uris(statuses)
        found = []
        for status in statuses:
            if isinstance(status, dict) and text_of(status, "id") is not None:
                answered = text_of(status, "in_reply_to_id")
                if answered is not None and answered not in here:
                    found.append(status)
        return found

    def _thread(self, task: Task, step: Step, response: HttpResponse) -> Page:
        mention = step.pending[0]
        ancestors: list[Json] = []
        if response.status not in {404, 410}:  # removed meanwhile: it is kept without its thread
            with suppress(Forbidden):  # and so where the thread is closed to us
                ancestors = items_of(self._object(response), "ancestors")
        parent = local_uris(ancestors).get(str(mention.get("in_reply_to_id")))
        thread: list[Json] = [parent, root_of(ancestors)]
        before, unreadable = replace(self._reader(task), addressed=False, root=root_of(ancestors)).read(ancestors)
        items, rejected = self._in_thread(task, mention, thread)
        threads = {**part(dict(task.state), "threads"), str(mention.get("id")): thread}
        state: dict[str, Json] = {**task.state, "threads": dict(list(threads.items())[-_THREADS:])}
        result = _Result((*before, *items), (*unreadable, *rejected))
        return self._after(task, replace(step, pending=step.pending[1:]), result, state)

    def _in_thread(self, task: Task, mention: dict[str, Json], thread: Json) -> tuple[list[Item], list[Rejected]]:
        """Read a mention whose parent and root are known as [parent, root]."""
        parent, root = thread if isinstance(thread, list) and len(thread) == 2 else (None, None)
        reader = replace(self._reader(task), root=root if isinstance(root, str) else None)
        if isinstance(parent, str):
            reader = replace(reader, uris={str(mention.get("in_reply_to_id")): parent})
        return reader.read([mention])

    def _found(self, task: Task, step: Step, response: HttpResponse) -> Page:
        """Search orders nothing by rule, so it proves its window only when all its hits were read."""
        statuses = items_of(self._object(response), "statuses")
        items, rejected = self._reader(task).read(statuses)
        if not statuses:
            return Page(covered=task.window.interval)
        offset = step.offset + len(statuses)
        asking = self._ask(task, Step(_FOUND, offset=offset))
        return Page(tuple(items), tuple(rejected), next=asking, cursor=str(offset))

    def _object(self, response: HttpResponse) -> dict[str, Json]:
        body = self._instance.body(response)
        if not isinstance(body, dict):
            msg = f"{self._instance.host} answered with something else than was asked for"
            raise FormatChanged(msg)
        return body

    def _reader(self, task: Task) -> Reader:
        us = task.state.get("us")
        names = frozenset(name for name in us if isinstance(name, str)) if isinstance(us, list) else frozenset()
        return Reader(
            self._instance,
            own=self._own | names,
            us=min((name for name in names if "://" in name), default=None),
            skip_noindex=self._skip_noindex,
            addressed=task.query.params["kind"] == NOTIFICATIONS,
        )

    def reread(self, raw: Json) -> Item:
        """Read one kept post again.

        Raises:
            ValueError: it still cannot be read.
        """
        if not isinstance(raw, dict):
            msg = "the kept post is no object"
            raise ValueError(msg)  # noqa: TRY004 -- bad data, not a wrong call
        return read_kept(raw, self._instance)


@dataclass(frozen=True, slots=True)
class _Result:
    items: tuple[Item, ...]
    rejected: tuple[Rejected, ...]


def root_of(ancestors: list[Json]) -> str | None:
    """The uri of a thread's first post, when its ancestors reach up to it."""
    first = ancestors[0] if ancestors else None
    if not isinstance(first, dict) or first.get("in_reply_to_id") is not None:
        return None
    return next(iter(local_uris([first]).values()), None)


def _statuses(entries: list[Json], *, mentions: bool) -> tuple[list[Json], tuple[Rejected, ...]]:
    """The statuses of a timeline, or those inside notifications; servers that ignore `types` send other kinds too."""
    if not mentions:
        return entries, ()
    statuses: list[Json] = []
    strange: list[Rejected] = []
    for entry in entries:
        if not isinstance(entry, dict):
            strange.append(Rejected("the notification is not an object", entry))
        elif text_of(entry, "type") in _ADDRESSED and part(entry, "status") and entry["status"] not in statuses:
            statuses.append(entry["status"])  # a post that names us and quotes us is told of twice
    return statuses, tuple(strange)


def _written(span: Interval) -> tuple[str, str]:
    return span.start.isoformat(), span.end.isoformat()


def _read_span(written: tuple[str, str] | None) -> Interval | None:
    if written is None:
        return None
    return Interval(datetime.fromisoformat(written[0]), datetime.fromisoformat(written[1]))


def queries_of(instance: Instance, terms: tuple[str, ...]) -> list[Query]:
    """List an instance's lines of work."""
    host, options = instance.host, instance.options
    found = [
        Query(f"tag:{host}:{tag.casefold()}", f"#{tag} on {host}", {"kind": TAG, "host": host, "tag": tag})
        for tag in options.hashtags
    ]
    if options.notifications:
        found.append(
            Query(f"notifications:{host}", f"Mentions of our account on {host}", {"kind": NOTIFICATIONS, "host": host})
        )
    searched = (*options.terms, *(terms if options.search else ()))
    wanted = dict.fromkeys((term.strip(), beside(term, "mastodon")) for term in searched if term.strip())
    found += [
        Query(
            key_of(f"search:{host}:{term.casefold()}{more.casefold()}"),
            f"“{term}”{more} on {host}",
            {"kind": SEARCH, "host": host, "term": term} | ({"beside": more} if more else {}),
        )
        for term, more in wanted
    ]
    return list({query.id: query for query in found}.values())
