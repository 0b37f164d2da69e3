"""`make bench`: what Klankbord costs, as ratios measured in one run, with the machine named.

python -m benchmarks                    everything, half an hour or more on two cores
python -m benchmarks --quick            everything at small sizes, about two minutes
python -m benchmarks ingest text        some of it
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import orjson
import psycopg
from rich.console import Console
from sqlalchemy import URL

from benchmarks import (
    answers,
    api,
    duplicates,
    export,
    feeds,
    http,
    ingest,
    inline,
    kpis,
    lab,
    memory,
    noise,
    pictures,
    read_latency,
    searching,
    social,
    spikes,
    text,
    themes,
    tone,
    trends,
)
from benchmarks.inbox import agents, browser
from benchmarks.inbox.store import MENTIONS
from benchmarks.report import Figures, Machine, as_json, as_markdown, show
from tests.postgres_server import NoPostgresError, connection_string, postgres_server


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench: how it is run, and its usual and quick sizes (mentions, texts, requests, polls or actions)."""

    run: Callable[[int, str | None], list[Figures]]
    rows: int
    quick: int
    postgres: bool = False


def reading(rows: int, postgres_url: str | None) -> list[Figures]:
    """Lists, filters, searches and badges; see `benchmarks.read_latency`."""
    found = Figures(
        f"Reading at {rows:,} conversations, as ratios to 50 gets by id measured beside each query",
        ("engine, query", "p50 ms", "p95 ms", "p50 ratio", "p95 ratio", "CPU ratio", "bar", "met"),
    )
    for each in read_latency.run(rows, postgres_url=postgres_url, repeats=40 if rows >= 10_000 else 2):
        found.add(
            f"{each.engine}: {each.what}",
            each.p50_ms,
            each.p95_ms,
            each.p50_ratio,
            each.p95_ratio,
            each.cpu_ratio,
            each.bar,
            each.met,
        )
        if each.met is False:
            found.missed.append(
                f"{each.engine}: {each.what}: {each.p50_ratio:.1f} / {each.p95_ratio:.1f} times 50 gets ({each.bar})"
            )
    if not found.missed:
        found.notes.append("Every list is within the bar (p50 at most 5 times, p95 at most 15 times 50 gets by id).")
    return [found]


BENCHES: dict[str, Bench] = {
    "ingest": Bench(lambda rows, url: ingest.run(rows, postgres_url=url), ingest.ROWS, 1_000, postgres=True),
    "inline": Bench(lambda rows, _: inline.run(rows), inline.ROWS, 20_000),
    "social": Bench(lambda rows, url: social.run(rows, postgres_url=url), social.POSTS, 600, postgres=True),
    "reading": Bench(reading, read_latency.ROWS, 20_000, postgres=True),
    "search": Bench(
        lambda rows, url: searching.run(rows, postgres_url=url), searching.CONVERSATIONS, 2_000, postgres=True
    ),
    "memory": Bench(lambda rows, _: memory.run(rows), memory.MENTIONS, 10_000),
    "http": Bench(lambda rows, _: http.run(rows), http.REQUESTS, 500),
    "feeds": Bench(lambda rows, _: feeds.run(rows), feeds.POLLS, 30),
    "trends": Bench(lambda rows, url: trends.run(rows, postgres_url=url), trends.MENTIONS, 73_000, postgres=True),
    "inbox": Bench(lambda rows, _: browser.run(rows), MENTIONS, 2_000),
    "agents": Bench(lambda actions, _: agents.run(actions), agents.ACTIONS, 60),
    "pictures": Bench(lambda rows, _: pictures.run(rows), pictures.PICTURES, 40),
    "answers": Bench(lambda planted, _: answers.run(planted), answers.PLANTED, 40),
    "duplicates": Bench(lambda rows, _: duplicates.run(rows), duplicates.TEXTS, 200),
    "spikes": Bench(lambda rows, _: spikes.run(rows), spikes.SERIES, 1),
    "noise": Bench(lambda rows, _: noise.run(rows), noise.MESSAGES, 300),
    "tone": Bench(lambda rows, _: tone.run(rows), tone.TEXTS, 200),
    "themes": Bench(lambda rows, _: themes.run(rows), themes.TEXTS, 200),
    "kpis": Bench(lambda rows, url: kpis.run(rows, postgres_url=url), kpis.FACTS, 30_000, postgres=True),
    "lab": Bench(lambda rows, _: lab.run(rows), lab.CONVERSATIONS, 2_000),
    "export": Bench(lambda rows, url: export.run(rows, postgres_url=url), export.MENTIONS, 2_000, postgres=True),
    "api": Bench(lambda rows, url: api.run(rows, postgres_url=url), api.CONVERSATIONS, 1_000, postgres=True),
    "text": Bench(lambda rows, _: text.run(rows), text.TEXTS, 300),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen benches; the exit code is 1 when a bar was missed."""
    asked = _parser().parse_args(arguments)
    names = asked.bench or list(BENCHES)
    console = Console(stderr=asked.json or asked.markdown, width=None if sys.stdout.isatty() else 160)
    with _postgres(wanted=any(BENCHES[name].postgres for name in names) and not asked.no_postgres) as (url, version):
        machine = Machine.here(version)
        console.print(machine.sentence(), highlight=False, style="bold")
        console.print()
        done: dict[str, list[Figures]] = {}
        for name in names:
            bench = BENCHES[name]
            done[name] = bench.run(asked.rows or (bench.quick if asked.quick else bench.rows), url)
            for figures in done[name]:
                if asked.markdown:
                    print(as_markdown(figures))
                else:
                    show(figures, console)
    if asked.json:
        told = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": asdict(machine),
            "load_at_end": Machine.here().load,
            "benches": {name: [as_json(figures) for figures in found] for name, found in done.items()},
        }
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    return int(any(figures.missed for found in done.values() for figures in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description="Measure Klankbord on this machine.")
    parser.add_argument("bench", nargs="*", choices=[*BENCHES, []], help=f"which ones: {', '.join(BENCHES)}")
    parser.add_argument("--rows", type=int, help="size of each: mentions, conversations, requests, polls, actions")
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that it runs, proves little")
    parser.add_argument("--json", action="store_true", help="figures as JSON on stdout, tables on stderr")
    parser.add_argument("--markdown", action="store_true", help="tables as Markdown on stdout, for docs/benchmarks.md")
    parser.add_argument("--no-postgres", action="store_true", help="measure SQLite only")
    return parser


@contextmanager
def _postgres(*, wanted: bool) -> Iterator[tuple[str | None, str]]:
    """A database of its own on a server started here, or the reason why there is none."""
    if not wanted:
        yield None, "not asked"
        return
    server = postgres_server()
    try:
        url = server.__enter__()
    except NoPostgresError as error:
        yield None, f"none here ({error})"
        return
    try:
        yield _database(url)
    finally:
        server.__exit__(None, None, None)


def _database(server: URL) -> tuple[str, str]:
    name = "klankbord_bench"
    with psycopg.connect(connection_string(server), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.execute(f"CREATE DATABASE {name}")
        row = conn.execute("SHOW server_version").fetchone()
    return server.set(database=name).render_as_string(hide_password=False), str(row[0]) if row else "unknown"


if __name__ == "__main__":
    # Told to end, it still stops the servers it started.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    raise SystemExit(main())
