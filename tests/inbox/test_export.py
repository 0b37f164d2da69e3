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
from inbox.errors import BadInput, BadSearch, NotAllowed
from inbox.export import COLUMNS, Form, cell
from inbox.permissions import Role
from inbox.views import Filters
from tests.inbox.conftest import World

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
    token = world.token(world.person(Role.ANALYST))
    for form in (Form(), Form("csv"), Form("csv", bom=True, delimiter=";")):
        first = b"".join(world.inbox.export_mentions(token, form=form))
        world.clock.step(hours=1)
        assert b"".join(world.inbox.export_mentions(token, form=form)) == first


def test_lines_hold_every_mention_with_every_column(world: World) -> None:
    for text in NASTY:
        world.conversation(text=text)
    stream = export.mentions(world.desk, Filters())
    rows = [json.loads(line) for line in b"".join(stream).splitlines()]
    assert [row["text"] for row in rows] == NASTY
    assert list(rows[0]) == list(COLUMNS)
    assert stream.rows == len(NASTY)
    assert rows[0]["sort_at"] == "2026-03-10T10:00:00Z"


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_csv_is_read_back_and_holds_no_formula(world: World, delimiter: str) -> None:
    for text in NASTY:
        world.conversation(text=text)
    form = Form("csv", bom=True, delimiter=delimiter)  # type: ignore[arg-type]
    data = b"".join(export.mentions(world.desk, Filters(), form))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    texts = [row["text"] for row in rows]
    assert [text.removeprefix("'") for text in texts] == NASTY
    assert all(not text.startswith(("=", "+", "-", "@", "\t")) for text in texts)


def test_a_filter_and_a_search_narrow_the_export(world: World) -> None:
    world.conversation(text="het pakket is kwijt")
    other = world.conversation(text="alles goed")
    world.inbox.add_tag(world.token(world.person()), other, "thanks")
    for filters in (Filters(search="goed"), Filters(tags=("thanks",)), Filters(search="NOT kwijt")):
        rows = b"".join(export.mentions(world.desk, filters)).splitlines()
        assert [json.loads(row)["text"] for row in rows] == ["alles goed"]
    assert b"".join(export.mentions(world.desk, Filters(search="nergens"))) == b""


def test_an_export_can_be_repeated_as_it_was_then(world: World) -> None:
    from store.export_rows import snapshot

    world.conversation(text="toen")
    with world.store.read() as conn:
        bound = snapshot(conn)
    first = b"".join(export.mentions(world.desk, Filters()))
    world.conversation(text="later")
    assert b"".join(export.mentions(world.desk, Filters(), Form(up_to=bound))) == first


def test_what_cannot_be_read_is_refused_before_the_first_byte(world: World) -> None:
    with pytest.raises(BadSearch):
        export.mentions(world.desk, Filters(search='"open'))
    with pytest.raises(BadInput):
        export.mentions(world.desk, Filters(), Form("xml"))  # type: ignore[arg-type]


def test_exporting_needs_the_role_and_leaves_a_line(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.inbox.export_mentions(world.token(world.person(Role.AGENT)))
    world.inbox.export_mentions(world.token(world.person(Role.LEAD)), Filters(search="kwijt"))
    lines = world.inbox.audit(world.token(world.person(Role.ADMINISTRATOR)))
    assert [line.params["search"] for line in lines if line.action == "exported"] == ["kwijt"]


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell(text).removeprefix("'") in {text, text.removeprefix("'")}


def test_numbers_stay_numbers() -> None:
    assert (cell(-0.5), cell(-7), cell(None), cell(("b", "a"))) == ("-0.5", "-7", "", "b|a")


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_is_documented(column: str) -> None:
    assert f"`{column}`" in (DOCS / "export.md").read_text(encoding="utf-8")
