"""Whether a worker's memory stays flat: the real collector reads 200,000 mentions over loopback, its RSS is watched."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import Figures
from benchmarks.server import loopback

MENTIONS = 200_000
GROWTH_BAR = 0.10
_MIB = 2**20


def run(mentions: int = MENTIONS) -> list[Figures]:
    """Collect so many small mentions in a child process with a fresh SQLite store."""
    root = Path(__file__).resolve().parent.parent
    with loopback() as base, tempfile.TemporaryDirectory(prefix="klankbord-bench-") as folder:
        told = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "benchmarks.memory_child", base, str(Path(folder) / "bench.db"), str(mentions)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=root,
        )
    samples = [(int(count), int(rss)) for count, rss in map(str.split, told.stdout.splitlines())]
    return [figures(samples)]


def figures(samples: list[tuple[int, int]]) -> Figures:
    """Sum up samples of (mentions stored, RSS in bytes).

    The slope is the median of the slopes between all pairs (Theil-Sen) over the last three quarters, after the
    caches have filled.
    """
    total = samples[-1][0]
    quarters = [
        [rss for count, rss in samples if (each - 1) * total / 4 < count <= each * total / 4] or [samples[-1][1]]
        for each in range(1, 5)
    ]
    found = Figures(
        f"Memory: RSS of a worker over {total:,} mentions",
        ("quarter", "median MiB", "most MiB", "to the second quarter"),
    )
    second = statistics.median(quarters[1])
    for number, rss in enumerate(quarters, 1):
        median = statistics.median(rss)
        found.add(f"{number}", median / _MIB, max(rss) / _MIB, median / second)
    late = [(count, rss) for count, rss in samples if count > total / 4]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(late) for b in late[i + 1 :] if b[0] > a[0]]
    slope = statistics.median(slopes) if slopes else 0.0
    found.notes.append(
        f"Slope after the first quarter: {slope:.1f} bytes a mention "
        f"({slope * 100_000 / _MIB:+.1f} MiB in 100,000 mentions)."
    )
    last = statistics.median(quarters[3])
    if last > second * (1 + GROWTH_BAR):
        found.missed.append(f"memory grew by {last / second - 1:.0%} from the second to the last quarter")
    else:
        found.notes.append(f"Flat: the last quarter is {last / second - 1:+.1%} against the second (bar 10 %).")
    return found
