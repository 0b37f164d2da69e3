"""Mentions out of the house: complete, repeatable, safe to open."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox import export
from inbox.errors import BadInput
from inbox.export import COLUMNS, PLAIN, Form, dictionary
from inbox.permissions import Role
from inbox.spreadsheets import guarded, unguarded
from inbox.views import EVERYTHING, Filters
from store.duties import DutyRecord, sync_duties
from tests.inbox.conftest import World
from tests.inbox.exported import rows, written

DOCS = Path(__file__).parents[2] / "docs"
NASTY = [
    '=HYPERLINK("http://evil.example","x")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "een;twee",
    'a "quote"',
    "regel\r\nregel",
    "gewoon",
]


def test_the_same_filter_gives_the_same_bytes(world: World) -> None:
    for text in NASTY:
        world.conversation(text=text)
    for form in (Form(), Form("csv"), Form("csv", excel=True)):
        first = written(world, "mentions", form=form)
        world.clock.step(hours=1)
        assert written(world, "mentions", form=form) == first


def test_lines_hold_every_mention_with_every_column(world: World) -> None:
    for text in NASTY:
        world.conversation(text=text)
    found = rows(world, "mentions")
    assert [row["text"] for row in found] == NASTY
    assert list(found[0]) == list(COLUMNS)
    assert found[0]["sort_at"] == "2026-03-10T10:00:00Z"


@pytest.mark.parametrize("excel", [False, True])
def test_a_csv_is_read_back_and_holds_no_formula(world: World, excel: bool) -> None:
    for text in NASTY:
        world.conversation(text=text)
    data = written(world, "mentions", form=Form("csv", excel=excel))
    assert data.startswith(b"\xef\xbb\xbf") == excel
    lines = io.StringIO(data.decode("utf-8-sig"), newline="")
    texts = [row["text"] for row in csv.DictReader(lines, delimiter=";" if excel else ",")]
    assert [unguarded(text, digits=excel) for text in texts] == NASTY
    assert all(not text.startswith(("=", "+", "-", "@", "\t")) for text in texts)


def test_a_filter_and_a_search_narrow_the_export(world: World) -> None:
    world.conversation(text="het pakket is kwijt")
    other = world.conversation(text="alles goed")
    world.inbox.add_tag(world.token(world.person()), other, "thanks")
    for filters in (Filters(search="goed"), Filters(tags=("thanks",)), Filters(search="NOT kwijt")):
        assert [row["text"] for row in rows(world, "mentions", filters)] == ["alles goed"]
    assert written(world, "mentions", Filters(search="nergens")) == b""


def test_an_export_can_be_repeated_as_it_was_then(world: World) -> None:
    world.conversation(text="toen")
    bound = export.now(world.desk)
    first = written(world, "mentions")
    world.conversation(text="later")
    assert written(world, "mentions", bound=bound) == first


def test_an_unknown_kind_of_file_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="jsonl, csv, xlsx or parquet"):
        written(world, "mentions", form=Form("xml"))  # type: ignore[arg-type]


def test_what_a_platform_holds_back_is_told_before_and_after_by_source_and_rule(world: World) -> None:
    for text in ("een", "twee", "drie"):
        world.conversation(text=text)
    (source_id,) = {row["source_id"] for row in rows(world, "mentions")}
    lead, analyst = (world.inbox.current_user(world.token(world.person(role))) for role in (Role.LEAD, Role.ANALYST))
    sync_duties(world.store, [DutyRecord(source_id, export_per_day=2, basis="Terms, 4.")])
    (before,) = export.outlook(world.desk, EVERYTHING, actor=lead)
    assert (before.ids_only, before.left_out, before.per_day, before.basis) == (1, 0, 2, "Terms, 4.")
    stream = export.Stream(
        world.desk,
        "mentions",
        EVERYTHING,
        PLAIN,
        to=export.recipient(world.desk, lead),
        bound=export.now(world.desk),
    )
    assert stream.withheld == ()
    assert [json.loads(row)["text"] for row in b"".join(stream).splitlines()] == ["een", "twee", ""]
    assert [(one.source_id, one.ids_only) for one in stream.withheld] == [(source_id, 1)]
    (after,) = export.outlook(world.desk, EVERYTHING, actor=lead)
    assert after.ids_only == 3, "nothing is left of the lead's day"
    (others,) = export.outlook(world.desk, EVERYTHING, actor=analyst)
    assert others.ids_only == 1, "another person has a day of their own"
    world.clock.step(days=1)
    assert written(world, "mentions", actor=lead).count(b'"text":""') == 1
    sync_duties(world.store, [DutyRecord(source_id, may_export=False, basis="None.")])
    assert written(world, "mentions", actor=lead) == b""
    (none,) = export.outlook(world.desk, EVERYTHING, actor=lead)
    assert (none.left_out, none.ids_only, none.per_day) == (3, 0, None)


@given(st.text(), st.booleans())
def test_no_text_becomes_a_formula_and_every_text_is_read_back(text: str, digits: bool) -> None:
    for value in (text, f"={text}", f"'{text}", f"'={text}", f"0{text}", "9" * 16):
        cell = guarded(value, digits=digits)
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert unguarded(cell, digits=digits) == value


@pytest.mark.parametrize(
    "text", ["007", "1-2-2026", "1,5", "3E5", "12:30", "3 pm", "€ 5", "mei 2026", "1 mei", "jan-26", "Waar", "9" * 16]
)
def test_a_text_that_excel_would_take_for_something_else_is_guarded(text: str) -> None:
    assert guarded(text, digits=True) == f"'{text}"
    assert unguarded(f"'{text}", digits=True) == text


@pytest.mark.parametrize(
    "text", ["", "0", "42", "mei", "april", "2 mooie dingen", "1,5 uur", "'s avonds", "🎉 2026", "٣"]
)
def test_a_text_that_excel_shows_as_it_is_is_left_alone(text: str) -> None:
    assert guarded(text, digits=True) == text


def test_the_documentation_tells_every_table_and_column() -> None:
    assert dictionary.reference() in (DOCS / "export.md").read_text(encoding="utf-8")


def test_a_masked_export_holds_no_personal_data_and_says_where_it_stood(world: World) -> None:
    world.conversation(text="Stort maar op NL91 ABNA 0417 1643 00")
    world.conversation(text="gewoon")
    found = rows(world, "mentions", form=Form(mask=True))
    assert [row["text"] for row in found] == ["Stort maar op [iban]", "gewoon"]
    assert ["pii_masked" in row["flags"] for row in found] == [True, False]
