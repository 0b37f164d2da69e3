"""Where the server's time goes per action: what the stopwatch in the dashboard wrote, by what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.report import Figures

_NAMES = {
    "next": "next (g)",
    "assign_me": "assign to me (m)",
    "resolve": "resolve (e)",
    "view": "view switch",
    "pick": "open a row (j)",
    "tick": "a tick of the clock",
    "page": "the whole page",
}


def figures(runs: Sequence[dict[str, Any]]) -> Figures:
    """Medians per kind of run."""
    found = Figures(
        "Inbox: what the server spends on each (medians, ms)",
        ("asked", "n", "wall", "CPU", "in the store", "of it statements", "statements", "gc",
         "messages", "kB sent", "nav", "list", "detail"),
    )  # fmt: skip
    for asked, name in _NAMES.items():
        same = [run for run in runs if run["asked"] == asked]
        if not same:
            continue
        parts = [
            round(median(float(run["fragments"].get(part, 0.0)) for run in same), 1)
            for part in ("nav", "list", "detail")
        ]
        found.add(
            name,
            len(same),
            *(
                median(float(run[key]) for run in same)
                for key in ("wall_ms", "cpu_ms", "store_ms", "execute_ms", "statements", "gc_ms", "messages", "kb")
            ),
            *parts,
        )
    found.notes.append(
        "'in the store' is the time a transaction was open, with the reading of its rows; 'gc' is the collection that "
        "Streamlit asks for after every run."
    )
    return found
