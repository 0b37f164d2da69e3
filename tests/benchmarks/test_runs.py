"""Every bench runs at a tiny size, so that none rots between the days on which somebody measures."""

from __future__ import annotations

import json

import pytest

from benchmarks import feeds, http, ingest, memory, text
from benchmarks.__main__ import main, reading
from benchmarks.report import Figures, spelled


def _rows(figures: Figures) -> dict[str, tuple[object, ...]]:
    """The rows by their name, each as wide as the head."""
    assert all(len(row) == len(figures.columns) for row in figures.rows)
    return {str(row[0]): row for row in figures.rows}


@pytest.mark.slow
def test_ingest_is_measured_from_bytes_to_rows_and_step_by_step() -> None:
    speed, steps = ingest.run(40)
    assert len(_rows(speed)) == 2
    assert all(isinstance(row[1], float) and row[1] > 0 for row in speed.rows)
    named = _rows(steps)
    for step in ("parse", "enrich: language", "enrich: compress raw payload", "commit: identity", "commit: roll-ups"):
        assert float(str(named[step][1])) > 0, f"{step} takes no time: has its function moved?"


@pytest.mark.slow
def test_reading_is_measured_against_fifty_gets() -> None:
    (figures,) = reading(300, None)
    assert _rows(figures)["SQLite: 50 gets by id"][3] == 1.0


@pytest.mark.slow
def test_memory_is_measured_in_a_process_of_its_own() -> None:
    (figures,) = memory.run(400)
    assert list(_rows(figures)) == ["1", "2", "3", "4"]


def test_growing_memory_misses_its_bar() -> None:
    flat = [(count, 100_000_000) for count in range(1_000, 41_000, 1_000)]
    assert memory.figures(flat).missed == []
    growing = [(count, 100_000_000 + count * 1_000) for count, _ in flat]
    assert "grew" in memory.figures(growing).missed[0]


@pytest.mark.slow
def test_http_and_feeds_are_measured_over_loopback() -> None:
    assert "polite client" in _rows(http.run(50)[0])
    assert "unchanged: 304, never parsed" in _rows(feeds.run(2)[0])


def test_understanding_is_measured_and_the_index_answers_like_one_by_one() -> None:
    steps, rules = text.run(20, rules=30)
    assert "duplicate key" in _rows(steps)
    assert list(_rows(rules)) == ["index", "one by one"]


def test_figures_come_as_json_for_scripts(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["text", "--rows", "10", "--json"])
    told = json.loads(capfdbinary.readouterr().out)
    assert told["machine"]["cores"] >= 1
    assert told["benches"]["text"][0]["columns"][0] == "step"


@pytest.mark.parametrize(
    ("cell", "text"), [(1234567, "1,234,567"), (0.123456, "0.123"), (12.34, "12.3"), (True, "yes")]
)
def test_figures_are_spelled_with_three_digits(cell: float, text: str) -> None:
    assert spelled(cell) == text
