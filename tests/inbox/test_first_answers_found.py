"""First answers to what began in a period are found by it each time, however many were ever given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from benchmarks import kpis
from benchmarks.report import Figures

FACTS = 20_000
_STEPS = 100
"""Of SQLite's machine between two counts."""


def test_a_curve_drawn_among_other_figures_goes_through_no_more_facts_than_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite, which plans a statement anew by its values, and took another index every second time."""
    monkeypatch.setattr(kpis, "REPEATS", 4)
    before_a_row: list[int] = []
    counted: list[int] = []

    def begin(_conn: Any, cursor: Any, *_: Any) -> None:
        counted.clear()
        cursor.connection.set_progress_handler(lambda: counted.append(_STEPS), _STEPS)

    def end(_conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        cursor.connection.set_progress_handler(None, 0)
        if "started_at >=" in statement:
            before_a_row.append(sum(counted))

    with kpis._filled(f"sqlite:///{tmp_path / 'klankbord.db'}", FACTS) as store:
        event.listen(store.engine, "before_cursor_execute", begin)
        event.listen(store.engine, "after_cursor_execute", end)
        kpis.measure(store, Figures("", ("engine, what", "p50", "p95", "times", "bar", "met")))
    assert len(before_a_row) > 4
    assert max(before_a_row) <= 5 * _STEPS
