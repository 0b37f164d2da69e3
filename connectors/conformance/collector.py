"""A collector in memory: the real one's rules on windows, ledger and commits, small enough to read.

One commit is one step that happens whole or not at all: items, covered interval, gaps and state together. It can be
killed before any commit, and checks at each one that nothing was claimed that was not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime, timedelta

from connectors.conformance.platform import OtherSide
from connectors.contract import Connector, Interval, Options, Page, Purpose, Query, Task, Window
from connectors.items import Item, Json, Rejected
from connectors.requests import HttpRequest, Request, Response, StreamRequest

Key = tuple[str, str]


class Crash(Exception):  # noqa: N818 -- it stands for a killed process, not for an error
    """The collector was killed, as asked."""


class LoopFound(Exception):  # noqa: N818 -- the guard's word
    """A chain ran in a circle."""


@dataclass
class Ledger:
    """What is known of one query: proven stretches, broken-off chains, the connector's state."""

    covered: list[Interval] = field(default_factory=list)
    gaps: list[tuple[Interval, str | None]] = field(default_factory=list)
    state: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer as it was read, for whoever wants to look again."""

    task: Task
    response: Response
    page: Page


@dataclass
class MemoryCollector:
    """Reads a platform into memory."""

    platform: OtherSide
    backfill: timedelta = timedelta(days=30)
    page_budget: int = 60
    items: dict[Key, Item] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    deleted: set[Key] = field(default_factory=set)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    commits: int = 0
    new: int = 0

    def run(self, *, crash_at: int | None = None) -> None:
        """Collect once, with a connector that remembers nothing of earlier runs.

        Args:
            crash_at: be killed just before the commit of this number, counted over all runs from 0.

        Raises:
            Crash: as asked.
            LoopFound: a chain ran in a circle.
            ConnectorError: what the connector made of an answer.
            AssertionError: an interval was claimed that was not read.
        """
        self.new = 0
        connector: Connector[Options] = self.platform.connector()
        for query in connector.queries(tuple(self.platform.terms)):
            ledger = self.ledgers.setdefault(query.id, Ledger())
            for window in self._windows(connector, ledger):
                self._chain(connector, query, ledger, window, crash_at)

    @property
    def open_gaps(self) -> list[Interval]:
        """Stretches of all queries whose chain broke off."""
        return [gap for ledger in self.ledgers.values() for gap, _ in ledger.gaps]

    def _windows(self, connector: Connector[Options], ledger: Ledger) -> list[Window]:
        now = self.platform.now
        known = [*ledger.covered, *(gap for gap, _ in ledger.gaps)]
        if not known:
            reach = self.backfill if connector.horizon is None else min(self.backfill, connector.horizon)
            return [Window(Interval(now - reach, now))]
        newest = max(each.end for each in known)
        windows = [Window(Interval(newest - connector.lookback, now))] if newest - connector.lookback < now else []
        holes = sorted(ledger.gaps, key=lambda gap: gap[0].end, reverse=True)
        return [*windows, *(Window(gap, cursor, Purpose.HOLE) for gap, cursor in holes)]

    def _chain(
        self, connector: Connector[Options], query: Query, ledger: Ledger, window: Window, crash_at: int | None
    ) -> None:
        task = Task("conformance", query, window, ledger.state)
        others = [gap for gap in ledger.gaps if gap != (window.interval, window.cursor)]
        request: Request | None = connector.plan(task)
        asked: set[str] = set()
        proven: list[Interval] = []
        last: Page | None = None
        for _ in range(self.page_budget):
            if request is None or self._left_out(request):
                return
            # The headers are left out: a loop shows in what is asked, and in the step.
            mark = repr(astuple(replace(request, headers={}) if isinstance(request, HttpRequest) else request))
            if mark in asked:
                msg = f"the same request came twice in one chain: {repr(request)[:200]}"
                raise LoopFound(msg)
            asked.add(mark)
            response = self.platform.ask(request)
            page = connector.parse(task, response)
            self.heard.append(Heard(task, response, page))
            if last is not None and page.next is not None and page.items and page.items == last.items:
                msg = "the same page came twice in one chain"
                raise LoopFound(msg)
            if crash_at == self.commits:
                raise Crash
            proven += [page.covered] if page.covered is not None else []
            last_page = page.next is None or self._left_out(page.next)
            rest = [] if last_page else subtract(window.interval, proven)
            self._commit(query, ledger, page, [*others, *((each, page.cursor) for each in rest)])
            task = replace(task, state=ledger.state)
            last, request = page, page.next

    def _left_out(self, request: Request) -> bool:
        """What is pushed, where the platform made up in memory pushes nothing: a real connection tests that."""
        return isinstance(request, StreamRequest) and not self.platform.streams

    def _commit(self, query: Query, ledger: Ledger, page: Page, gaps: list[tuple[Interval, str | None]]) -> None:
        for item in page.items:
            key = (item.external_id, item.namespace)
            self.new += key not in self.items
            self.items[key] = item
        self.deleted |= {(each.external_id, each.namespace) for each in page.deleted}
        for each in page.rejected:
            if each not in self.rejected:
                self.rejected.append(each)
        if page.covered is not None:
            ledger.covered = merge([*ledger.covered, page.covered])
        ledger.gaps = gaps
        if page.state is not None:
            ledger.state = page.state
        self.commits += 1
        if page.covered is not None and (self.platform.proving is None or query.id in self.platform.proving):
            self._hold_to(query, page.covered)

    def _hold_to(self, query: Query, claimed: Interval) -> None:
        marks = self.marks()
        for said in self.platform.newest():
            if not said.stands or not claimed.start <= said.at < claimed.end:
                continue
            if said.mark not in marks:
                msg = (
                    f"query {query.id!r} claims {claimed.start:%F %T}..{claimed.end:%F %T} complete, "
                    f"but {said.mark} of {said.at:%F %T} was never read"
                )
                raise AssertionError(msg)

    def marks(self) -> dict[str, list[Key]]:
        """The keys under which each utterance was kept, by its mark."""
        found: dict[str, list[Key]] = {}
        for key, item in self.items.items():
            whole = " ".join(part for part in (item.title, item.text, item.html) if part)
            for word in whole.replace("<", " ").replace(">", " ").split():
                if len(word) == 6 and word[0] == "u" and word[1:].isdigit() and key not in found.setdefault(word, []):
                    found[word].append(key)
        return found


def merge(spans: Sequence[Interval]) -> list[Interval]:
    """Join intervals that touch, oldest first."""
    merged: list[Interval] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def subtract(span: Interval, taken: Sequence[Interval]) -> list[Interval]:
    """What is left of an interval, oldest first."""
    rest: list[Interval] = []
    at: datetime = span.start
    for each in merge(taken):
        if each.start > at and at < span.end:
            rest.append(Interval(at, min(each.start, span.end)))
        at = max(at, each.end)
    return [*rest, Interval(at, span.end)] if at < span.end else rest
