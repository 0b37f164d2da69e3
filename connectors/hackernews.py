"""The Hacker News connector: Algolia's search to listen, the Firebase API to look whether an item still stands.

A search answers at most 1,000 hits whatever page is asked for, so this connector never asks for a second page:
each answer is the newest part of a window, and the next question ends where that answer ended (inclusive, with
known items told apart by id). Search tolerates typing errors and splits phrases, so each hit is looked at again
here. Nothing can be written through an API (docs/connectors/hackernews.md).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from connectors.contract import (
    Action,
    ActionKind,
    ActionResult,
    Connector,
    GapFound,
    Interval,
    Options,
    Page,
    Query,
    Task,
)
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import (
    FieldError,
    as_object,
    flag_of,
    items_of,
    need_id,
    need_number,
    number_of,
    text_of,
)
from connectors.http_status import json_body, raise_for_status
from connectors.instants import parse_unix
from connectors.items import Author, Capabilities, Counts, Deleted, Item, Json, Kind, Rejected
from connectors.requests import HttpRequest, Request, Response, over_http
from connectors.sought import beside, key_of, quoted

HITS = 200
"""Hits per answer: small enough to commit in one short transaction; the platform allows 1,000."""
_WHY_NOT = "Hacker News has no API to answer with: answer on its own page."
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")
_SECOND = timedelta(seconds=1)


class HackerNewsOptions(Options):
    """Options of a `hackernews` source."""

    terms: tuple[str, ...] = Field(
        default=(), description="Words and phrases to search for, beside those of the brands' queries."
    )
    search_url: str = Field(default="https://hn.algolia.com/api/v1", description="Address of the search API.")
    item_url: str = Field(default="https://hacker-news.firebaseio.com/v0", description="Address of the item API.")

    @field_validator("search_url", "item_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            msg = f"{value!r} is not an http(s) address"
            raise ValueError(msg)
        return value.rstrip("/")


class HackerNews(Connector[HackerNewsOptions]):
    """Listens for words and phrases in stories and comments."""

    name = "hackernews"
    platform = "hackernews"
    options_type: ClassVar[type[Options]] = HackerNewsOptions
    lookback = timedelta(hours=2)  # the index lags by minutes, and texts may be edited for two hours

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        """One line of work per word or phrase; spellings that fold to the same words are one."""
        found: dict[str, Query] = {}
        for term in (*self.options.terms, *terms):
            folded = " ".join(_words(term))
            if folded:
                more = beside(term, "hackernews")
                key = key_of(f"search:{folded}{more}")
                params = {"term": term.strip()} | ({"beside": more} if more else {})
                found.setdefault(key, Query(key, f"“{term.strip()}”{more} on Hacker News", params))
        return tuple(found.values())

    def plan(self, task: Task) -> HttpRequest:
        """Ask for the newest hits of the window, or from where an earlier chain broke off."""
        end = task.window.interval.end
        # Whole seconds are asked for: the last one is asked to its end and claimed only as far as the window.
        last = int(end.timestamp()) if task.window.cursor is None else _cursor(task.window.cursor)
        return self._ask(task, last)

    def _ask(self, task: Task, last: int) -> HttpRequest:
        first = int(task.window.interval.start.timestamp())
        return HttpRequest(
            f"{self.options.search_url}/search_by_date",
            params=(
                ("query", quoted(" ".join(_words(task.query.params["term"]))) + task.query.params.get("beside", "")),
                ("tags", "(story,comment)"),
                ("numericFilters", f"created_at_i>={first},created_at_i<={last}"),
                ("hitsPerPage", str(HITS)),
                ("page", "0"),
                ("advancedSyntax", "true"),
                ("typoTolerance", "false"),
                ("attributesToHighlight", ""),
            ),
            headers={"Accept": "application/json"},
            step=str(last),
        )

    def parse(self, task: Task, response: Response) -> Page:
        """Read one answer."""
        body = _body(response, "Hacker News search")
        if not isinstance(body.get("hits"), list):
            msg = "Hacker News search answered without a list of hits"
            raise FormatChanged(msg)
        hits = items_of(body, "hits")
        window, last = task.window.interval, int(response.request.step)
        top = min(window.end, parse_unix(last) + _SECOND)
        items, rejected, times = _read(hits, task.query.params["term"])
        if hits and not times:
            msg = f"Hacker News search answered {len(hits)} hits, none with an id and a date"
            raise FormatChanged(msg)
        total = number_of(body, "nbHits")
        complete = not hits or (total is not None and total <= len(hits) and body.get("exhaustiveNbHits") is not False)
        if complete:
            return Page(items, rejected, covered=_span(window, window.start, top))
        asked = [at for at in times if int(window.start.timestamp()) <= at <= last]
        if not asked:
            msg = f"Hacker News search ignores the time asked for: {times[0]} lies not before {last}"
            raise FormatChanged(msg)
        oldest = min(asked)  # a date that was not asked for says nothing of the place
        bottom = parse_unix(oldest) + _SECOND
        if oldest < last:
            return Page(
                items, rejected, next=self._ask(task, oldest), cursor=str(oldest), covered=_span(window, bottom, top)
            )
        # More hits in this one second than one answer holds: the rest of that second is out of reach.
        second = _span(window, parse_unix(oldest), top)
        gaps = () if second is None else (GapFound(second, f"more than {HITS} hits within one second"),)
        below = oldest - 1
        return Page(items, rejected, next=self._ask(task, below), cursor=str(below), gaps=gaps)

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 -- one namespace
        """Read one kept hit again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        try:
            return _item(as_object(raw, "the kept hit"))
        except ValueError as error:
            raise FormatChanged(str(error)) from error

    def act(self, action: Action) -> Request:
        """Read a thread, or look whether an item still stands; everything else is refused."""
        key = action.external_id
        if not key.isdigit():
            msg = f"{key!r} is no Hacker News id"
            raise BadRequest(msg)
        if action.kind is ActionKind.RECHECK:
            return HttpRequest(f"{self.options.item_url}/item/{key}.json", step="recheck")
        if action.kind is ActionKind.FETCH_THREAD:
            root = action.thread_external_id or key
            return HttpRequest(f"{self.options.search_url}/items/{root}", step="thread")
        return super().act(action)

    def acted(self, action: Action, response: Response) -> ActionResult:
        """Read what came of it; an item the API does not know (yet) is not a deletion."""
        if action.kind is ActionKind.RECHECK:
            if _answer(response, "Hacker News") is None:
                return ActionResult()
            item = _body(response, "Hacker News")
            gone = flag_of(item, "deleted") or flag_of(item, "dead")
            return ActionResult(deleted=(Deleted(action.external_id),) if gone else ())
        if action.kind is ActionKind.FETCH_THREAD:
            return ActionResult(tuple(_thread(_body(response, "Hacker News search"))))
        return super().acted(action, response)

    def hosts(self) -> frozenset[str]:
        """The hosts of both APIs."""
        names = (urlsplit(address).hostname for address in (self.options.search_url, self.options.item_url))
        return frozenset(name for name in names if name)


def _answer(response: Response, who: str) -> Json:
    answer = over_http(response)
    raise_for_status(answer, platform=who)
    return json_body(answer, platform=who)


def _body(response: Response, who: str) -> dict[str, Json]:
    try:
        return as_object(_answer(response, who), f"the answer of {who}")
    except FieldError as error:
        raise FormatChanged(str(error)) from error


def _cursor(written: str) -> int:
    if not written.isdigit():
        msg = f"{written!r} is no place to go on in a search"
        raise BadRequest(msg)
    return int(written)


def _span(window: Interval, start: datetime, end: datetime) -> Interval | None:
    low, high = max(window.start, start), min(window.end, end)
    return Interval(low, high) if low < high else None


def _read(hits: Sequence[Json], term: str) -> tuple[tuple[Item, ...], tuple[Rejected, ...], list[int]]:
    wanted = _words(term)
    items: list[Item] = []
    rejected: list[Rejected] = []
    times: list[int] = []
    for hit in hits:
        try:
            item = _item(as_object(hit, "the hit"))
        except ValueError as error:
            known = hit.get("objectID") if isinstance(hit, dict) else None
            rejected.append(Rejected(str(error), hit, known if isinstance(known, str) else None))
            continue
        if item.published_at is not None:
            times.append(int(item.published_at.timestamp()))
        if says(item, wanted):
            items.append(item)
    return tuple(items), tuple(rejected), times


def says(item: Item, wanted: Sequence[str]) -> bool:
    """Tell whether an item holds the wanted words next to each other, in its text, title or link."""
    link = item.extra.get("link")
    stands = _together(tuple(wanted)).search
    return any(stands(_folded(text or "")) for text in (item.title, item.html, link if isinstance(link, str) else None))


@lru_cache
def _together(wanted: tuple[str, ...]) -> re.Pattern[str]:
    """Finds these words, of `_words`, with nothing but signs between them."""
    return re.compile(r"\b" + r"\W+".join(wanted) + r"\b")


def _words(text: str) -> list[str]:
    """Lower-case words without accents; tags and entities of HTML are no words."""
    return _WORD.findall(_folded(text))


def _folded(text: str) -> str:
    plain = html.unescape(_TAG.sub(" ", text)).casefold()
    if plain.isascii():
        return plain
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def _item(hit: dict[str, Json]) -> Item:
    key = need_id(hit, "objectID")
    created = parse_unix(need_number(hit, "created_at_i"))
    parent = hit.get("parent_id")
    comment = text_of(hit, "comment_text") is not None or (isinstance(parent, int) and parent > 0)
    author = text_of(hit, "author")
    title = None if comment else text_of(hit, "title")
    body = text_of(hit, "comment_text") or text_of(hit, "story_text")
    if title is None and body is None:
        msg = "the hit has neither a title nor a text"
        raise FieldError(msg)
    url = f"https://news.ycombinator.com/item?id={key}"
    kept: dict[str, Json] = {name: value for name, value in hit.items() if name != "_highlightResult"}
    return Item(
        external_id=key,
        kind=Kind.COMMENT if comment else Kind.POST,
        html=body,
        text=None if body is not None else "",
        title=title,
        author=None
        if author is None
        else Author(author, handle=author, url=f"https://news.ycombinator.com/user?id={author}"),
        url=url,
        published_at=created,
        parent_external_id=need_id(hit, "parent_id") if comment and parent is not None else None,
        thread_external_id=(need_id(hit, "story_id") if hit.get("story_id") is not None else None) if comment else key,
        counts=Counts(likes=number_of(hit, "points"), replies=number_of(hit, "num_comments")),
        capabilities=Capabilities(
            why_not_reply=_WHY_NOT,
            deep_link=f"https://news.ycombinator.com/reply?id={key}",
            can_recheck=True,
            can_fetch_parent=comment,
        ),
        extra={"link": text_of(hit, "url"), "story_title": text_of(hit, "story_title")},
        raw=kept,
    )


def _thread(root: dict[str, Json]) -> Iterator[Item]:
    """Walk the tree of a thread, without recursion: threads may be deep."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(child for child in reversed(items_of(node, "children")) if isinstance(child, dict))
        text = text_of(node, "text")
        as_hit: dict[str, Json] = {
            **{key: value for key, value in node.items() if key not in {"children", "text", "id"}},
            "objectID": str(node.get("id") or ""),
            "story_id": node.get("story_id") or root.get("id"),
            "comment_text" if node.get("type") == "comment" else "story_text": text,
        }
        try:
            yield _item(as_hit)
        except ValueError:
            continue  # a removed comment keeps its place in the tree, without author or text
