"""A hashtag: its id is asked for once, then its media of the last 24 hours are read, all of them once an hour.

Thirty different hashtags in seven days are allowed for one account. Which ones were asked lately is known to Meta alone
(other tools count too), so it is asked before a hashtag is searched for the first time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from connectors.contract import Interval, Page, Task
from connectors.errors import BudgetExhausted, FormatChanged
from connectors.fields import need_id, text_of
from connectors.instagram.options import MOST_HASHTAGS
from connectors.instagram.reading import HASHTAG, HASHTAG_FIELDS, MEDIUM, Reader
from connectors.items import Json
from connectors.meta.graph import Graph
from connectors.meta.kept import read_each
from connectors.meta.walk import Found, Listing
from connectors.requests import HttpRequest, HttpResponse

METER = "hashtags"
HORIZON = timedelta(hours=24)
_LATELY, _SEARCH = "lately", "search"


@dataclass(frozen=True, slots=True)
class Hashtag:
    """One hashtag's line of work."""

    graph: Graph
    account: str
    tag: str
    reader: Reader

    def plan(self, task: Task) -> HttpRequest:
        """Say how a chain begins."""
        key = task.state.get("hashtag")
        if isinstance(key, str):
            return self._media(key).plan(task)
        params = (("fields", "id,name"), ("limit", str(MOST_HASHTAGS)))
        return self.graph.request(f"{self.account}/recently_searched_hashtags", params=params, step=_LATELY)

    def parse(self, task: Task, response: HttpResponse) -> Page:
        """Read one answer."""
        if response.request.step == _LATELY:
            return self._lately(task, response)
        if response.request.step == _SEARCH:
            return self._found(task, response)
        key = task.state.get("hashtag")
        if not isinstance(key, str):
            msg = "the hashtag's id got lost on the way"
            raise FormatChanged(msg)
        listing = self._media(key)
        read = listing.entries(response)
        if isinstance(read, Page):
            return read
        entries, body = read
        items, rejected = read_each(entries, {"what": MEDIUM, "edge": HASHTAG}, self.reader.read)
        if key in {*(item.external_id for item in items), *(each.external_id for each in rejected)}:
            msg = "Instagram answered with the hashtag itself where its media were asked for"
            raise FormatChanged(msg)
        times = [item.published_at for item in items if item.published_at is not None]
        page = listing.page(task, response, body, Found(items, rejected), times)
        if page.covered is None:
            return page
        # Only the last day is shown: what lies before it is not proven.
        low = max(page.covered.start, response.received_at - HORIZON)
        return replace(page, covered=Interval(low, page.covered.end) if low < page.covered.end else None)

    def _lately(self, task: Task, response: HttpResponse) -> Page:
        entries, _ = self.graph.entries(response)
        names = {text_of(each, "name") for each in entries if isinstance(each, dict)}
        if len(entries) >= MOST_HASHTAGS and self.tag not in names:
            msg = f"Instagram allows {MOST_HASHTAGS} different hashtags in seven days, and that many were asked lately"
            raise BudgetExhausted(msg, until=response.received_at + timedelta(hours=12))
        params = (("user_id", self.account), ("q", self.tag))
        search = self.graph.request("ig_hashtag_search", params=params, step=_SEARCH)
        if self.tag not in names:
            search = replace(search, price={METER: 1})
        return Page(next=search, cursor=task.window.cursor)

    def _found(self, task: Task, response: HttpResponse) -> Page:
        entries, _ = self.graph.entries(response)
        if not entries or not isinstance(entries[0], dict):
            msg = f"Instagram gave no id for #{self.tag}"
            raise FormatChanged(msg)
        key = need_id(entries[0])
        state: dict[str, Json] = {**task.state, "hashtag": key}
        return Page(next=self._media(key).plan(task), cursor=task.window.cursor, state=state)

    def _media(self, key: str) -> Listing:
        params = (("user_id", self.account), ("fields", HASHTAG_FIELDS), ("limit", "50"))
        return Listing(self.graph, f"{key}/recent_media", params, shuffled=True)
