"""Inline, all the way: pages of 200 read, understood and committed into a store that is full already, on one core.

Beside it each step of the way alone, over other pages of the same kind: what the way costs beyond the sum of them is
what putting them together costs.
"""

from __future__ import annotations

import time
from datetime import timedelta
from hashlib import blake2b

from sqlalchemy import select

from benchmarks import corpus, inputs
from benchmarks.ingest import as_in_a_worker, fresh_store, trained_codec
from benchmarks.report import Figures
from benchmarks.steps import StepClock
from connectors.contract import Task
from connectors.requests import HttpResponse
from pipeline.enrich import Enricher
from pipeline.itemfields import texts_of
from pipeline.pagecommit import Rows, commits, rows_of
from store.commit.duplicates import UNDER_A_KEY
from store.engine import Store
from store.ingest import commit_page
from store.raw import RawCodec
from store.records import PageCommit
from store.schema import dup_key, mention, near_key
from understanding.duplicates import Words, fingerprint
from understanding.match import Document, Rules
from understanding.prepared import prepare

ROWS = 1_000_000
RATE, RATIO = 2_000, 1.2
"""Mentions a second of the clock on the wall, and times the sum of the steps: the bars."""
_MOST_PAGES = 30
_WARM = 4
_MENTIONS_PER_CONVERSATION = 1.25
_KEYS_KEPT = timedelta(days=62)
"""As the worker's upkeep keeps what near copies are found by."""


def run(rows: int = ROWS) -> list[Figures]:
    """Fill a store of SQLite with about so many mentions that say what newcomers say, then measure."""
    with fresh_store("", "SQLite") as store:
        began = time.perf_counter()
        held = corpus.fill(store, max(1, int(rows / _MENTIONS_PER_CONVERSATION)), words=inputs.Texts(8))
        let_fold(store)
        return [measure(store, held, took=time.perf_counter() - began)]


def measure(store: Store, held: int, *, took: float) -> Figures:
    """Take a page the whole way and a page step by step, in turns."""
    pages = max(1, min(_MOST_PAGES, held // 10_000))
    source = inputs.hackernews((2 * pages + _WARM) * inputs.JSON_ITEMS)
    codec = trained_codec(store, source)
    way, steps = _Way(store, source, codec), _Steps(store, source, codec)
    with as_in_a_worker():
        for number, answer in enumerate(source.answers):
            if number == _WARM:
                way.reset()
                steps.clock.reset()
            (steps if number % 2 else way).take(number, answer)
    return _told(way, steps, held, took)


def let_fold(store: Store) -> None:
    """Write what the mentions of a filled store are found by, so that newcomers may fold under them."""
    exact: dict[int, tuple[object, ...]] = {}
    near: dict[int, list[tuple[int, bytes]]] = {}
    columns = (mention.c.id, mention.c.title, mention.c.text, mention.c.kind, mention.c.url, mention.c.sort_at)
    with store.read() as conn:
        for row in conn.execute(select(*columns).order_by(mention.c.id).execution_options(yield_per=5_000)):
            if row.sort_at < corpus.NOW - _KEYS_KEPT:  # found by its exact words only; any number has their shape
                some = blake2b(row.text.encode(), digest_size=8).digest()
                exact[int.from_bytes(some, "big", signed=True)] = (row.id, row.sort_at)
                continue
            found = fingerprint(Words(row.text, row.title, row.kind, row.url))
            if found.exact is not None:
                exact[found.exact] = (row.id, row.sort_at)
            for key in dict.fromkeys(found.near):
                under = near.setdefault(key, [])
                if len(under) < UNDER_A_KEY:
                    under.append((row.id, found.shape))
    keys = [(key, *each) for key in sorted(near) for each in near[key]]
    with store.write() as conn:
        store.dialect.insert_rows(conn, near_key, ("key", "mention_id", "shape"), keys)
        found_by = [(key, *exact[key]) for key in sorted(exact)]
        store.dialect.insert_rows(conn, dup_key, ("dup_hash", "mention_id", "at"), found_by)


class _Way:
    """Pages taken the whole way, with what they cost."""

    def __init__(self, store: Store, source: inputs.Source, codec: RawCodec) -> None:
        self._store = store
        self._source = source
        self._enricher = Enricher(inputs.SETTINGS, codec.compress_payload)
        self.reset()

    def reset(self) -> None:
        """Forget what was spent."""
        self.cpu = self.wall = 0.0
        self.mentions = 0

    def take(self, number: int, answer: tuple[Task, HttpResponse]) -> None:
        """Parse, enrich and commit a page."""
        cpu, wall = time.thread_time(), time.perf_counter()
        rows = _rows(self._source, self._enricher, answer)
        for part in commits(rows, _proof(self._source, number)):
            commit_page(self._store, part)
        self.cpu += time.thread_time() - cpu
        self.wall += time.perf_counter() - wall
        self.mentions += len(rows.mentions)


class _Steps:
    """Pages taken step by step: each step alone, over the whole page."""

    def __init__(self, store: Store, source: inputs.Source, codec: RawCodec) -> None:
        self._store = store
        self._source = source
        self._compress = codec.compress_payload
        self._enricher = Enricher(inputs.SETTINGS, codec.compress_payload)
        self._rules = Rules(self._enricher.queries)
        self.clock = StepClock()

    def take(self, number: int, answer: tuple[Task, HttpResponse]) -> None:
        """Do every step over a page, one after the other."""
        step, meaning = self.clock.step, self._enricher.meaning
        with step("parse"):
            items = self._source.connector.parse(*answer).items
        with step("clean text and HTML"):
            texts = [texts_of(item, []) for item in items]
        with step("take apart"):
            taken = [prepare(text or title or "") for title, _, text in texts]
        with step("language"):
            languages = meaning.languages(taken, hints=[item.lang_hint for item in items])
        with step("match brands"):
            for title, _, text in texts:
                self._rules.match(Document(title, text))
        with step("duplicate keys"):
            for item, (title, _, text) in zip(items, texts, strict=True):
                fingerprint(Words(text or "", title, item.kind.value, item.url))
        with step("sentiment"):
            for each, language in zip(taken, languages, strict=True):
                meaning.sentiment(each, language.code)
        with step("compress raw payload"):
            for item in items:
                self._compress(item.raw)
        rows = _rows(self._source, self._enricher, answer)
        with step("commit"):
            for part in commits(rows, _proof(self._source, number)):
                commit_page(self._store, part)


def _told(way: _Way, steps: _Steps, held: int, took: float) -> Figures:
    found = Figures(
        f"Inline: pages of {inputs.JSON_ITEMS} (JSON) into a SQLite store of {held:,} mentions, on one core",
        ("what", "CPU us a mention", "mentions/s of CPU", "mentions/s of the wall clock"),
    )
    whole = way.cpu / way.mentions * 1e6
    found.add("the whole way", whole, 1e6 / whole, way.mentions / way.wall)
    alone = {name: spent / way.mentions * 1e6 for name, spent in steps.clock.spent.items()}
    for name, cost in alone.items():
        found.add(f"alone: {name}", cost, 1e6 / cost, None)
    together = sum(alone.values())
    found.add("the steps alone, added up", together, 1e6 / together, None)
    found.notes.append(
        f"The whole way costs {whole / together:.2f} times its steps alone (bar: {RATIO}). Filling the store took "
        f"{took:.0f} s; what stands in it says what newcomers say, so that each meets as many near copies as it can."
    )
    if way.mentions / way.wall < RATE:
        found.missed.append(f"{way.mentions / way.wall:,.0f} mentions a second inline, the bar is {RATE:,}")
    if whole > RATIO * together:
        found.missed.append(f"the whole way costs {whole / together:.2f} times its steps alone, the bar is {RATIO}")
    if not found.missed:
        found.notes.append(f"Both bars are met: {RATE:,} mentions a second, and {RATIO} times the steps.")
    return found


def _rows(source: inputs.Source, enricher: Enricher, answer: tuple[Task, HttpResponse]) -> Rows:
    page = source.connector.parse(*answer)
    return rows_of(page, enricher, source=source.settings, platform=source.connector.platform, fetched_at=inputs.NOW)


def _proof(source: inputs.Source, number: int) -> PageCommit:
    return PageCommit("bench", source.connector.queries(())[0].id, fetched_at=inputs.NOW, state={"page": number})
