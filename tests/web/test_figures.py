"""Service figures and volumes through the API: the same as on screen, within what a token may see."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from inbox.kpis import reading
from inbox.kpis.catalogue import KPIS
from inbox.kpis.views import Asked
from inbox.tokens.scopes import Scope
from tests.store.making import mention
from tests.web.outside import Outside, refused

WEEK = {"since": "2026-03-06T00:00:00+01:00", "until": "2026-03-13T00:00:00+01:00"}
DAYS = {"first": "2026-03-09", "last": "2026-03-10"}


def said(outside: Outside) -> None:
    outside.said(mention("1", brand_ids=("acme",)), mention("2", brand_ids=("rival",), lang="en"))
    outside.said(mention("3", brand_ids=("acme",)), source_id="dm")


def test_figures_are_those_of_the_inbox(outside: Outside) -> None:
    said(outside)
    found = outside.program().data("/kpis", **WEEK)
    assert [one["id"] for one in found] == [kpi.id for kpi in KPIS]
    told = {one["id"]: one["value"] for one in found}
    assert told["inflow"] == 3
    assert told["backlog"] == 3
    one = outside.program().data("/kpis/inflow/split", by="source", **WEEK)
    assert {each["key"]: each["value"] for each in one} == {"dm": 1, "forum": 2}
    assert outside.program().get("/kpis/survival", **WEEK).json() == {"points": [], "n": 0, "n_open": 3}


def test_volumes_hold_every_step_and_their_total(outside: Outside) -> None:
    said(outside)
    told = outside.program().get("/volumes", by="lang", **DAYS).json()
    assert told["total"] == 3
    assert [(one["local"], one["key"], one["n"]) for one in told["data"]] == [
        ("2026-03-09T00:00:00+01:00", "nl", 0),
        ("2026-03-09T00:00:00+01:00", "en", 0),
        ("2026-03-10T00:00:00+01:00", "nl", 2),
        ("2026-03-10T00:00:00+01:00", "en", 1),
    ]
    assert told["data"][0]["at"] == "2026-03-08T23:00:00Z"
    narrow = outside.program().get("/volumes", step="hour", source="dm", **DAYS).json()
    assert narrow["total"] == 1
    assert len(narrow["data"]) == 48


def test_a_bound_token_is_told_figures_of_its_own_sources_only(outside: Outside) -> None:
    said(outside)
    bound = outside.program(outside.token(Scope.READ_FIGURES, source_ids=("dm",)))
    told = {one["id"]: one["value"] for one in bound.data("/kpis", **WEEK)}
    assert told["inflow"] == 1
    assert told["backlog"] == 1
    assert "load" not in told
    assert bound.data("/kpis/load/split", by="day", **WEEK) == []
    assert bound.data("/kpis", source="forum", **WEEK) == []
    assert bound.get("/volumes", **DAYS).json()["total"] == 1
    assert bound.get("/volumes", source="forum", **DAYS).json()["data"] == []
    assert bound.get("/kpis/survival", source="forum", **WEEK).json()["n_open"] == 0


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("/kpis", {}, 422),
        ("/kpis", {"since": "2026-03-13T00:00:00Z", "until": "2026-03-06T00:00:00Z"}, 400),
        ("/kpis", {"since": "1773100000", "until": "2026-03-06T00:00:00Z"}, 422),
        ("/kpis/nothing/split", {**WEEK, "by": "day"}, 400),
        ("/kpis/inflow/split", {**WEEK, "by": "agent"}, 422),
        ("/kpis/inflow/split", WEEK, 422),
        ("/volumes", {"first": "2026-03-10", "last": "2026-03-09"}, 400),
        ("/volumes", {"first": "0001-01-01", "last": "9999-12-31"}, 400),
        ("/volumes", {"first": "2026-02-30", "last": "2026-03-01"}, 422),
        ("/volumes", {**DAYS, "brand": "nobody"}, 404),
        ("/volumes", {**DAYS, "theme": 5}, 404),
        ("/kpis/inflow/rows", {**WEEK, "part": "some"}, 422),
        ("/kpis/inflow/rows", {**WEEK, "by": "day", "key": "2026-03-09"}, 400),
        ("/kpis/relevance_rate/rows", {**WEEK, "cursor": "AAAA"}, 400),
        ("/kpis/nothing/rows", WEEK, 400),
        ("/heat-map", {**DAYS, "theme": 5}, 422),
        ("/heat-map", {"first": "2026-03-10", "last": "2026-03-09"}, 400),
        ("/share-of-voice", {**DAYS, "brand": "nobody"}, 404),
        ("/tops/people", DAYS, 422),
        ("/tops/words", {**DAYS, "lang": "nl"}, 400),
        ("/tops/words", {**DAYS, "limit": 0}, 422),
    ],
)
def test_a_question_that_makes_no_sense_is_told_what_is_wrong(
    outside: Outside, path: str, asked: dict[str, Any], status: int
) -> None:
    refused(outside.program().get(path, **asked), status)


def test_figures_ask_for_their_scope(outside: Outside) -> None:
    shy = outside.program(outside.token(Scope.READ_MENTIONS, Scope.READ_WORK))
    paths = (("/kpis", WEEK), ("/kpis/survival", WEEK), ("/kpis/inflow/rows", WEEK))
    days = ("/volumes", "/heat-map", "/share-of-voice", "/tops/links")
    for path, asked in (*paths, *((path, DAYS) for path in days)):
        assert "read:figures" in refused(shy.get(path, **asked), 403)


def test_the_api_says_what_the_desk_says(outside: Outside) -> None:
    said(outside)
    asked = Asked(datetime.fromisoformat(WEEK["since"]), datetime.fromisoformat(WEEK["until"]))
    ours = {one.id: (one.value, one.n, one.left_out) for one in reading.values(outside.desk, asked)}
    told = {one["id"]: (one["value"], one["n"], one["left_out"]) for one in outside.program().data("/kpis", **WEEK)}
    assert told == ours


@pytest.mark.parametrize("part", ["counted", "missed", "left_out", "open"])
def test_the_rows_of_a_figure_come_in_pages_that_are_the_whole_together(outside: Outside, part: str) -> None:
    for number in range(7):
        outside.said(mention(str(number)))
        outside.clock.step(timedelta(minutes=1))
    asked = Asked(datetime.fromisoformat(WEEK["since"]), datetime.fromisoformat(WEEK["until"]))
    for kpi in KPIS:
        ours = reading.rows(outside.desk, kpi.id, asked, part)  # type: ignore[arg-type]
        pages = outside.program().pages(f"/kpis/{kpi.id}/rows", part=part, limit=3, **WEEK)
        told = [(one["conversation_id"], one["at"]) for page in pages for one in page]
        assert sorted(told) == sorted((one.conversation_id, one.at.isoformat()[:19] + "Z") for one in ours)
        assert [at for _, at in told] == sorted((at for _, at in told), reverse=True)
        assert all(len(page) <= 3 for page in pages)
    assert len(reading.rows(outside.desk, "backlog", asked, "open")) == 7


def test_rows_of_a_part_of_a_split_are_as_many_as_it_says(outside: Outside) -> None:
    said(outside)
    program = outside.program()
    for one in program.data("/kpis/relevance_rate/split", by="source", **WEEK):
        rows = program.data("/kpis/relevance_rate/rows", by="source", key=one["key"], **WEEK)
        assert len(rows) == one["n"]
    assert "together" in refused(program.get("/kpis/relevance_rate/rows", by="source", **WEEK), 400)


def test_hours_of_the_week_share_of_voice_and_tops_are_those_of_the_screens(outside: Outside) -> None:
    outside.say("1", "2", text="pakket kwijt https://nieuws.example/pakket", brand_ids=("acme",))
    outside.say("3", text="pakket", brand_ids=("rival",))
    program = outside.program(outside.token(Scope.READ_FIGURES, Scope.READ_MENTIONS, Scope.READ_PRIVATE))
    cells = program.get("/heat-map", **DAYS).json()
    assert (len(cells["data"]), cells["total"], sum(one["n"] for one in cells["data"])) == (168, 3, 3)
    assert {one["per_hour"] for one in cells["data"] if not one["hours"]} == {None}
    voice = program.get("/share-of-voice", **DAYS).json()
    assert [(one["brand_id"], one["n"]) for one in voice["data"]] == [("acme", 2), ("rival", 1)]
    assert (voice["mentions"], voice["mentions_before"]) == (3, 0)
    links = program.get("/tops/links", **DAYS).json()
    assert [(one["key"], one["n"]) for one in links["data"]] == [("https://nieuws.example/pakket", 2)]
    authors = program.get("/tops/authors", **DAYS).json()
    assert all(one["name"] is None and one["url"] is None for one in authors["data"])
    assert "read:private" in refused(outside.program(outside.token(Scope.READ_FIGURES)).get("/tops/words", **DAYS), 403)


def test_a_bound_token_is_told_trends_of_its_own_only(outside: Outside) -> None:
    said(outside)
    every = (Scope.READ_FIGURES, Scope.READ_MENTIONS, Scope.READ_PRIVATE)
    bound = outside.program(outside.token(*every, source_ids=("dm",), brand_ids=("acme",)))
    assert bound.get("/heat-map", **DAYS).json()["total"] == 1
    assert [one["brand_id"] for one in bound.data("/share-of-voice", **DAYS)] == ["acme"]
    assert bound.get("/tops/authors", **DAYS).json()["total"] == 1
    for path in ("/heat-map", "/share-of-voice", "/tops/sites"):
        assert bound.data(path, source="forum", **DAYS) == []
    assert len(bound.data("/kpis/inflow/rows", **WEEK)) == 1
    assert bound.data("/kpis/load/rows", **WEEK) == []
