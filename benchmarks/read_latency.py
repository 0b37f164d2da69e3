"""How quick lists, badges and searches are, as ratios to fifty gets by id measured in the same run.

A get is a whole row by primary key through the bare driver. Bars: every list p50 at most 5 times, p95 at most 15
times fifty gets by id.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from benchmarks.corpus import AGENTS, BRANDS, LANGS, NOW, SOURCES, TAGS, TEAMS, fill
from inbox.searching import search_of
from store.badges import capped_count, count_views, facet
from store.contacts import author_history
from store.engine import Store, open_store
from store.filters import NOBODY, ConversationFilter
from store.lists import list_conversations, next_unclaimed
from store.ordering import Order
from store.schema import conversation
from store.search_nodes import TextSearch
from understanding.query import parse_query

ROWS = 1_000_000
GETS = 50
P50_BAR, P95_BAR = 5.0, 15.0
Query = Callable[[Connection, random.Random], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. Times in milliseconds; ratios to the median of fifty gets by id.

    `cpu_ratio` compares the medians of this thread's processor time. On SQLite, which works in this thread, it tells
    on a busy machine what the clock cannot: a short get is rarely interrupted, a longer list nearly always.
    """

    engine: str
    rows: int
    what: str
    p50_ms: float
    p95_ms: float
    p50_ratio: float
    p95_ratio: float
    bar: str
    met: bool | None
    cpu_ratio: float


def run(rows: int = ROWS, *, postgres_url: str | None = None, repeats: int = 40) -> list[Figure]:
    """Fill a store on each engine and measure it.

    Args:
        rows: conversations.
        postgres_url: an empty PostgreSQL database; without one only SQLite is measured.
        repeats: how often each query runs, each time with other values.
    """
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="klankbord-bench-") as folder:
        for url in filter(None, (f"sqlite:///{Path(folder) / 'bench.db'}", postgres_url)):
            with _filled(url, rows) as store:
                figures += measure(store, rows, repeats=repeats)
    return figures


def measure(store: Store, rows: int, *, repeats: int = 40) -> list[Figure]:
    """Measure a store that `benchmarks.corpus.fill` has filled.

    The gets are measured again beside every query, so that a neighbour who takes the machine slows both alike.
    """
    engine = "SQLite" if store.is_sqlite else "PostgreSQL"
    found: list[Figure] = []
    with store.read() as conn:
        ids = list(conn.execute(select(conversation.c.id).order_by(conversation.c.id).limit(200_000)).scalars())
    all_gets: list[float] = []
    for name, (query, barred) in QUERIES.items():
        rng = random.Random(11)
        times: list[float] = []
        gets: list[float] = []
        cpu: list[float] = []
        get_cpu: list[float] = []
        for turn in range(repeats + 3):
            with store.read() as conn:
                get_s, get_cpu_s = _timed(lambda conn=conn, rng=rng: _get(conn, rng.sample(ids, GETS)))
                query_s, query_cpu_s = _timed(lambda conn=conn, rng=rng, query=query: query(conn, rng))
            if turn >= 3:  # the first ones compile statements and warm the cache
                gets.append(get_s)
                times.append(query_s)
                cpu.append(query_cpu_s)
                get_cpu.append(get_cpu_s)
        all_gets += gets
        p50, p95, get = statistics.median(times), _p95(times), statistics.median(gets)
        met = p50 <= P50_BAR * get and p95 <= P95_BAR * get if barred else None
        bar = f"<= {P50_BAR:g} / {P95_BAR:g}" if barred else ""
        ratio = statistics.median(cpu) / statistics.median(get_cpu)
        found.append(Figure(engine, rows, name, p50 * 1e3, p95 * 1e3, p50 / get, p95 / get, bar, met, ratio))
    p50, p95 = statistics.median(all_gets), _p95(all_gets)
    return [Figure(engine, rows, "50 gets by id", p50 * 1e3, p95 * 1e3, 1.0, p95 / p50, "", None, 1.0), *found]


def _deep(wanted: ConversationFilter, order: Order = Order.INBOX, pages: int = 20) -> Query:
    """The page after many: the cursor is found outside the clock by walking there once per connection."""
    cursors: dict[int, str | None] = {}

    def query(conn: Connection, _rng: random.Random) -> object:
        key = id(conn.engine)
        if key not in cursors:
            cursor = None
            for _ in range(pages):
                cursor = list_conversations(conn, wanted, order=order, cursor=cursor).next_cursor or cursor
            cursors[key] = cursor
        return list_conversations(conn, wanted, order=order, cursor=cursors[key])

    return query


def _list(make: Callable[[random.Random], ConversationFilter], order: Order = Order.INBOX) -> Query:
    return lambda conn, rng: list_conversations(conn, make(rng), order=order)


def _views(agent: int) -> dict[str, ConversationFilter]:
    return {
        "all": ConversationFilter(),
        "new": ConversationFilter(statuses=("new",)),
        "mine": ConversationFilter(assignee_id=agent),
        "unassigned": ConversationFilter(assignee_id=NOBODY),
        "overdue": ConversationFilter(due_before=NOW),
        "urgent": ConversationFilter(priorities=(0, 1)),
        "waiting": ConversationFilter(statuses=("waiting_customer", "waiting_internal")),
        "snoozed": ConversationFilter(statuses=("snoozed",)),
    }


_F = ConversationFilter
QUERIES: dict[str, tuple[Query, bool]] = {
    "queue, first page": (_list(lambda _: _F()), True),
    "queue, page 21": (_deep(_F()), True),
    "queue of a team": (_list(lambda r: _F(team_id=r.choice(TEAMS[:3]))), True),
    "mine": (_list(lambda r: _F(assignee_id=r.choice(AGENTS))), True),
    "overdue": (_list(lambda _: _F(due_before=NOW)), True),
    "queue, brand + language": (_list(lambda r: _F(brand_ids=(r.choice(BRANDS),), langs=(r.choice(LANGS),))), True),
    "queue, any source": (_list(lambda r: _F(source_ids=(r.choice(SOURCES),))), True),
    "queue, negative + urgent + unassigned": (
        _list(lambda _: _F(sentiments=("negative",), priorities=(0, 1), assignee_id=NOBODY)),
        True,
    ),
    "queue, tag": (_list(lambda r: _F(tags=(r.choice(TAGS),))), True),
    "queue, everything set, nothing found": (
        _list(
            lambda r: _F(
                team_id="press", langs=("fr",), source_ids=(r.choice(SOURCES[100:]),), priorities=(0,), rating_min=0.9
            )
        ),
        True,
    ),
    "open, newest": (_list(lambda _: _F(), Order.NEWEST), True),
    "all, newest": (_list(lambda _: _F(scope="all")), True),
    "all, page 21": (_deep(_F(scope="all")), True),
    "archive of a source": (_list(lambda r: _F(scope="all", source_ids=(r.choice(SOURCES),))), True),
    "archive of a brand": (_list(lambda r: _F(scope="all", brand_ids=(r.choice(BRANDS),))), True),
    "archive, brand + language before a day": (
        _list(
            lambda r: _F(
                scope="all",
                brand_ids=(r.choice(BRANDS),),
                langs=(r.choice(LANGS),),
                until=NOW - timedelta(days=r.randrange(1, 600)),
            )
        ),
        True,
    ),
    "resolved": (_list(lambda _: _F(scope="all", statuses=("resolved",))), True),
    "next for me": (lambda conn, r: next_unclaimed(conn, now=NOW, team_ids=(r.choice(TEAMS[:3]) or "",)), True),
    "8 badges": (lambda conn, r: count_views(conn, _views(r.choice(AGENTS))), False),
    "capped count, all": (lambda conn, _: capped_count(conn, _F(scope="all")), False),
    "facet by source": (lambda conn, _: facet(conn, _F(), "source_id"), False),
    "author history": (lambda conn, r: author_history(conn, [r.randrange(1, 50_000)]), True),
    "search, common word, all": (_list(lambda r: _F(scope="all", text=_asked(f"word{r.randrange(5)}"))), False),
    "search, common word, open of a team": (
        _list(lambda r: _F(team_id=r.choice(TEAMS[:3]), text=_asked(f"word{r.randrange(5)}"))),
        False,
    ),
    "search, rare word": (_list(lambda r: _F(scope="all", text=_asked(f"word{r.randrange(20_000, 60_000)}"))), False),
    "search, two words": (
        _list(lambda r: _F(scope="all", text=_asked(f"word{r.randrange(50)} word{r.randrange(2_000)}"))),
        False,
    ),
    "search, phrase": (_list(lambda r: _F(scope="all", text=_asked(f'"word0 word{r.randrange(50)}"'))), False),
    "search, beginning": (_list(lambda r: _F(scope="all", text=_asked(f"word{r.randrange(10, 99)}*"))), False),
    "search, common word in a small source": (
        _list(lambda r: _F(scope="all", source_ids=(r.choice(SOURCES[150:]),), text=_asked("word0"))),
        False,
    ),
    "search, without a word": (_list(lambda r: _F(scope="all", text=_asked(f"-word{r.randrange(5)}"))), False),
    "search, common but not with a common one": (
        _list(lambda r: _F(scope="all", text=_asked(f"word{r.randrange(5)} -word{r.randrange(5)}"))),
        False,
    ),
    "search, words near each other": (
        _list(lambda r: _F(scope="all", text=_asked(f"word{r.randrange(20)} NEAR/3 word{r.randrange(20)}"))),
        False,
    ),
    "search, word and fields": (
        _list(lambda r: _F(scope="all", text=_asked(f"word{r.randrange(5)} lang:{r.choice(LANGS)} rating<3"))),
        False,
    ),
    "search, fields alone": (_list(lambda _: _F(scope="all", text=_asked("rating<2 -is:own has:link"))), False),
    "capped count of a search": (
        lambda conn, r: capped_count(conn, _F(scope="all", text=_asked(f"word{r.randrange(5)}"))),
        False,
    ),
}


def _asked(text: str) -> TextSearch:
    return search_of(parse_query(text), ZoneInfo("UTC"))


def _get(conn: Connection, ids: list[int]) -> None:
    """Fifty whole rows by primary key through the bare driver: the limit, without anything of ours in it."""
    cursor = conn.connection.cursor()
    mark = {"sqlite": "?", "postgresql": "%s"}[conn.dialect.name]
    statement = f"SELECT * FROM conversation WHERE id = {mark}"  # noqa: S608  one of two marks
    for row_id in ids:
        cursor.execute(statement, (row_id,)).fetchone()


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall, and of this thread's processor."""
    start, cpu = time.perf_counter(), time.thread_time()
    work()
    return time.perf_counter() - start, time.thread_time() - cpu


def _p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


@contextmanager
def _filled(url: str, rows: int) -> Iterator[Store]:
    store = open_store(url)
    try:
        store.migrate()
        fill(store, rows, long_thread=min(5_000, rows))
        yield store
    finally:
        store.close()
