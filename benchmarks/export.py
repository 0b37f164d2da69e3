"""Taking mentions out: each format against the plain library on the same rows, in processes of their own.

The plain programs read the same columns and joins with a bare cursor and know nothing of platforms' duties, formulas in
cells, snapshots or checksums.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.corpus import fill
from benchmarks.report import Figures
from store.engine import open_store

MENTIONS = 100_000
MEMORY_BAR = 400
SPEED_BAR = 0.5
_SLOW_ROWS = 50_000
"""The slow libraries for workbooks are measured over so many rows: their pace does not change."""
PLAIN = {
    "csv": ("csv", "polars csv"),
    "jsonl": ("orjson", "polars jsonl"),
    "parquet": ("pyarrow",),
    "xlsx": ("xlsxwriter", "rustpy"),
}
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Measured:
    """One program over the rows. Seconds of CPU and of the clock, bytes."""

    rows: int
    cpu_s: float
    wall_s: float
    peak: int
    size: int

    @property
    def pace(self) -> float:
        """Rows per second of CPU: what other programs on the machine do not change."""
        return self.rows / self.cpu_s


def run(mentions: int = MENTIONS, *, postgres_url: str | None = None) -> list[Figures]:
    """Export an archive of so many mentions with everything that can write it.

    Args:
        mentions: how many.
        postgres_url: an empty PostgreSQL database; without one only SQLite is measured. What its server computes is
            not in the CPU of either program.
    """
    with tempfile.TemporaryDirectory(prefix="klankbord-bench-") as folder:
        urls = {"SQLite": f"sqlite:///{Path(folder) / 'bench.db'}", "PostgreSQL": postgres_url}
        return [_engine(engine, url, mentions) for engine, url in urls.items() if url is not None]


def _engine(engine: str, url: str, mentions: int) -> Figures:
    _fill(url, mentions)
    limit = _measured(url, "cursor", "none")
    found = Figures(
        f"Export of {limit.rows:,} mentions, 50 columns, {engine}",
        ("format, by", "rows/s of CPU", "rows/s", "to the best plain", "peak MiB", "MB"),
    )
    found.add("reading alone, bare cursor", limit.pace, limit.rows / limit.wall_s, None, limit.peak / _MIB, None)
    for name, libraries in PLAIN.items():
        _compare(found, url, name, libraries)
    if not found.missed:
        found.notes.append(f"Every format is within 2x of the best plain library, with less than {MEMORY_BAR} MB.")
    return found


def _compare(found: Figures, url: str, name: str, libraries: tuple[str, ...]) -> None:
    plain = {library: _measured(url, library, name) for library in libraries}
    ours = _measured(url, "klankbord", name)
    best = max(one.pace for one in plain.values())
    for by, one in (*plain.items(), ("Klankbord", ours)):
        found.add(
            f"{name}, {by}",
            one.pace,
            one.rows / one.wall_s,
            one.pace / best,
            one.peak / _MIB,
            one.size / 1e6 if one.rows == ours.rows else None,
        )
    if ours.pace < SPEED_BAR * best:
        found.missed.append(f"{name} at {ours.pace / best:.2f} of the best plain library (bar {SPEED_BAR})")
    if ours.peak > MEMORY_BAR * 1e6:
        found.missed.append(f"{name} took {ours.peak / 1e6:.0f} MB (bar {MEMORY_BAR})")


def _measured(url: str, by: str, name: str) -> Measured:
    rows = _SLOW_ROWS if by in PLAIN["xlsx"] else 0
    command = [sys.executable, "-m", "benchmarks.export_child", url, by, name, str(rows)]
    root = Path(__file__).resolve().parent.parent
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=root)  # noqa: S603
    return Measured(**orjson.loads(told.stdout))


def _fill(url: str, mentions: int) -> None:
    store = open_store(url, durable=False)
    try:
        store.migrate()
        fill(store, mentions * 4 // 5)  # 1.25 messages a conversation
        store.dialect.optimize(store.engine)
    finally:
        store.close()
