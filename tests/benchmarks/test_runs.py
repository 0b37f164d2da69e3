"""Every bench runs at a tiny size, so that none rots between the days on which somebody measures."""

from __future__ import annotations

import json

import pytest

from benchmarks import (
    answers,
    api,
    duplicates,
    export,
    feeds,
    http,
    ingest,
    inline,
    lab,
    memory,
    pictures,
    social,
    text,
    themes,
    tone,
    trends,
)
from benchmarks.__main__ import main, reading
from benchmarks.inbox import agents, browser
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
def test_the_way_inline_is_measured_beside_each_of_its_steps_alone() -> None:
    (figures,) = inline.run(200)
    told = _rows(figures)
    alone = [float(str(row[1])) for name, row in told.items() if name.startswith("alone: ")]
    assert len(alone) == 9
    assert float(str(told["the steps alone, added up"][1])) == pytest.approx(sum(alone))


@pytest.mark.slow
def test_social_platforms_are_measured_beside_bare_parsers() -> None:
    parsing, storing = social.run(240)
    named = _rows(parsing)
    assert float(str(named["X (100 a page)"][4])) > 0
    assert len(named) == len(_rows(storing)) == 3


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


def test_themes_are_measured_against_folding_the_same_texts() -> None:
    steps, learnt = themes.run(80)
    assert next(iter(_rows(steps))) == "words: the measure"
    assert list(_rows(learnt)) == ["learning anew", "suggesting for one conversation"]


@pytest.mark.slow
def test_a_back_test_is_measured_against_taking_every_text_apart() -> None:
    (figures,) = lab.run(400)
    named = _rows(figures)
    assert list(named) == ["words", "ten words", "words and facts"]
    assert all(int(str(row[5])) > 0 for row in figures.rows)


@pytest.mark.slow
def test_http_and_feeds_are_measured_over_loopback() -> None:
    assert "polite client" in _rows(http.run(50)[0])
    assert "unchanged: 304, never parsed" in _rows(feeds.run(2)[0])


@pytest.mark.slow
@pytest.mark.skipif(not browser.BROWSER.exists(), reason="no Chromium here")
def test_the_inbox_is_measured_from_key_press_to_changed_page_beside_the_bare_app() -> None:
    times, split = browser.run(2_000)
    assert _rows(times)[browser.BARE][4] == 1.0
    for name in ("next (g)", "assign to me (m)", "resolve (e)", "view switch", "first load, warm browser"):
        assert name in _rows(times)
        if name in _rows(split):
            assert isinstance(_rows(split)[name][2], float)


@pytest.mark.slow
def test_agents_over_websockets_are_never_refused_and_memory_is_told_in_quarters() -> None:
    speed, memory_used, split = agents.run(36)
    assert _rows(speed)["all"][1] >= 36
    assert not [note for note in speed.notes if "refused" in note]
    assert list(_rows(memory_used)) == ["1", "2", "3", "4"]
    assert "resolve (e)" in _rows(split)


@pytest.mark.slow
def test_pictures_are_measured_as_rows_beside_files() -> None:
    kept, made = pictures.run(5)
    assert list(_rows(kept)) == ["keep", "read the small one", "remove, bytes overwritten"]
    assert all(isinstance(row[3], float) and row[3] > 0 for row in made.rows)


def test_understanding_is_measured_and_the_index_answers_like_one_by_one() -> None:
    steps, _, rules, more = text.run(20, rules=30)
    assert "duplicate keys" in _rows(steps)
    assert list(_rows(rules)) == list(_rows(more)) == ["words alone", "index", "one by one"]


@pytest.mark.slow
def test_what_people_wait_for_around_the_tone_is_measured() -> None:
    (found,) = tone.run(40)
    assert [str(row[0]) for row in found.rows] == [
        "recount of a word that every message holds",
        "why, of a thread of 40",
        "a night's fit, judged",
    ]


@pytest.mark.slow
def test_charts_are_measured_against_a_bare_sum_of_the_same_rows() -> None:
    drawn, sizes = trends.run(2_000, days=10)
    assert all(isinstance(row[5], int) for row in drawn.rows)
    assert sum(row[5] > 0 for row in drawn.rows) > len(drawn.rows) * 0.8, "a theme of few may have none"
    assert "SQLite: rollup_hour" in _rows(sizes)


def test_copies_and_what_only_looks_like_one_are_counted_apart() -> None:
    recall, merges, speed = duplicates.run(20)
    assert set(_rows(recall)) == set(duplicates.COPIES)
    assert set(_rows(merges)) == set(duplicates.OTHERS)
    assert "keys" in _rows(speed)


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


@pytest.mark.slow
def test_answers_are_measured_on_what_lies_in_the_repository() -> None:
    languages, sentiment, dutch, personal = answers.run(20)
    assert set(_rows(languages)) == {
        f"{name}, {how}" for name in ("py3langid", "langdetect") for how in ("clean", "disturbed")
    }
    assert {"nl", "all"} <= set(_rows(sentiment))
    assert {f"{kind}, held-out, tier 1" for kind in ("tweets", "reviews")} <= set(_rows(dutch))
    assert float(str(_rows(personal)["iban"][1])) == 100.0


@pytest.mark.slow
def test_every_way_of_taking_mentions_out_is_measured() -> None:
    (found,) = export.run(200)
    ways = {f"{name}, {by}" for name, others in export.PLAIN.items() for by in (*others, "Klankbord")}
    assert set(_rows(found)) == {"reading alone, bare cursor", *ways}


@pytest.mark.slow
def test_the_api_is_measured_on_a_real_server_while_messages_come_in() -> None:
    (figures,) = api.run(300, processes=2)
    rows = _rows(figures)
    assert len(rows) == 11
    assert rows["SQLite, once a second: bare route"][4] == 1.0
    assert all(int(str(row[1])) > 0 for row in figures.rows)
