"""What is written in each format is read back equal by another library; the same rows give the same bytes."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import orjson
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from inbox.export import xlsx_file
from inbox.export.form import Form
from inbox.export.pieces import Pieces
from inbox.export.writers import writer
from inbox.spreadsheets import unguarded
from store.export_shape import Batch, Column, Kind

COLUMNS = tuple(Column(kind.value, kind, "x") for kind in Kind)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HARD = (
    "", " spaced ", "👩‍👩‍👧 🇳🇱", "مرحبا \u202eabc\u202c", "z̸̡̛͎a̶l̵g̷o̴", "NUL\x00NUL", "\x01\x0b\x1f\x7f\x85\ufffe\uffff",
    "a\rb\r\nc\nd\te",
    "_x0041_ _x000D_", "=1+1", "'=1", "''@x", "007", "12345678901234567", "<b>&amp;</b> ]]>", '"quoted", ; |', "a|b",
)  # fmt: skip
texts = st.one_of(st.sampled_from(HARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
micros = st.integers(-2_000_000_000_000_000, 4_000_000_000_000_000)
whole = st.integers(-(2**62), 2**62)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.none() | st.integers(0, 2**53 - 1),
            "integer": st.none() | whole,
            "real": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "flag": st.none() | st.booleans(),
            "text": st.none() | texts,
            "instant": st.none() | micros,
            "words": st.lists(texts.filter(lambda text: text and "|" not in text), max_size=3).map(tuple),
            "document": st.none()
            | st.dictionaries(texts, st.none() | texts | st.integers(0, 9), max_size=2).map(
                lambda value: orjson.dumps(value).decode()
            ),
        }
    ),
    max_size=6,
)
Rows = list[dict[str, Any]]


def written(some: Rows, form: Form, *, size: int = 2) -> bytes:
    out = Pieces()
    made = writer("rows", COLUMNS, form, out)
    for start in range(0, len(some), size):
        batch = some[start : start + size]
        made.add(Batch([[row[column.name] for row in batch] for column in COLUMNS], len(batch)))
    made.end()
    return out.take()


def instant(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


@settings(max_examples=150)
@given(rows)
def test_json_lines_hold_everything_as_it_was(some: Rows) -> None:
    data = written(some, Form("jsonl"))
    read = [orjson.loads(line) for line in data.splitlines()]
    for row, back in zip(some, read, strict=True):
        document = row["document"] and orjson.loads(row["document"])
        at = None if back["instant"] is None else datetime.fromisoformat(back["instant"])
        expected = {**row, "document": document, "words": list(row["words"]), "instant": instant(row["instant"])}
        assert {**back, "instant": at} == expected
    assert written(some, Form("jsonl"), size=3) == data


@settings(max_examples=150)
@given(rows)
def test_parquet_holds_everything_with_its_type(some: Rows) -> None:
    data = written(some, Form("parquet"))
    read = pq.read_table(io.BytesIO(data)).to_pylist()
    assert read == [{**row, "words": list(row["words"]), "instant": instant(row["instant"])} for row in some]
    assert written(some, Form("parquet"), size=3) == data


@settings(max_examples=150)
@given(rows, st.booleans(), st.booleans())
def test_a_csv_gives_every_value_back(some: Rows, excel: bool, comma: bool) -> None:
    form = Form("csv", excel=excel, decimal_comma=comma and excel)
    data = written(some, form)
    text = io.StringIO(data.decode("utf-8-sig" if excel else "utf-8"), newline="")
    read = list(csv.DictReader(text, delimiter=";" if excel else ","))
    for row, back in zip(some, read, strict=True):
        plain = {name: unguarded(cell, digits=excel) for name, cell in back.items()}
        assert plain["text"] == (row["text"] or "")
        assert plain["document"] == (row["document"] or "")
        assert tuple(plain["words"].split("|") if plain["words"] else ()) == row["words"]
        assert [plain["id"], plain["integer"]] == [
            "" if row[name] is None else str(row[name]) for name in ("id", "integer")
        ]
        real = float(back["real"].replace(",", ".")) if back["real"] else None
        assert real == row["real"]
        assert back["flag"] == {None: "", True: "true", False: "false"}[row["flag"]]
        at = datetime.fromisoformat(back["instant"]).replace(tzinfo=UTC) if back["instant"] else None
        exact = instant(row["instant"])
        assert at == (exact and exact.replace(microsecond=0) if excel else exact)
    assert written(some, form, size=3) == data


@settings(max_examples=100)
@given(rows)
def test_a_workbook_gives_every_value_back_and_runs_nothing(some: Rows) -> None:
    data = written(some, Form("xlsx"))
    (sheet,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    header, *read = list(sheet.iter_rows())
    assert [cell.value for cell in header] == [column.name for column in COLUMNS]
    for row, cells in zip(some, read, strict=True):
        assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
        back = dict(zip([column.name for column in COLUMNS], [cell.value for cell in cells], strict=True))
        assert unescape(back["text"] or "") == (row["text"] or "")
        assert unescape(back["document"] or "") == (row["document"] or "")
        assert unescape(back["words"] or "") == "|".join(row["words"])
        assert back["id"] == (None if row["id"] is None else str(row["id"]))
        assert back["integer"] is None if row["integer"] is None else int(back["integer"]) == row["integer"]
        assert back["real"] is None if row["real"] is None else float(back["real"]) == row["real"]
        assert back["flag"] == row["flag"]
        told = back["instant"]
        if isinstance(told, str):
            assert datetime.fromisoformat(told) == instant(row["instant"])
        else:
            exact = instant(row["instant"])
            assert (told is None) == (exact is None)
            assert told is None or abs(told.replace(tzinfo=UTC) - exact) <= timedelta(milliseconds=1)
    assert written(some, Form("xlsx"), size=3) == data


def test_a_long_text_is_cut_only_in_a_workbook_and_counted() -> None:
    long = "😀" * 50_000
    row = {**dict.fromkeys([column.name for column in COLUMNS]), "text": long, "words": ()}
    for name in ("csv", "jsonl", "parquet"):
        assert long.encode() in written([row], Form(name)) or name == "parquet"  # type: ignore[arg-type]
    out = Pieces()
    made = writer("rows", COLUMNS, Form("xlsx"), out)
    made.add(Batch([[row[column.name]] for column in COLUMNS], 1))
    made.end()
    (sheet,) = openpyxl.load_workbook(io.BytesIO(out.take())).worksheets
    cell = sheet.cell(2, [column.name for column in COLUMNS].index("text") + 1).value
    assert (cell, made.cut) == ("😀" * 16_383, 1)


def test_rows_go_on_in_another_sheet_where_one_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "SHEET_ROWS", 4)
    some = [{**dict.fromkeys([column.name for column in COLUMNS]), "id": n, "words": ()} for n in range(8)]
    book = openpyxl.load_workbook(io.BytesIO(written(some, Form("xlsx"), size=5)))
    assert book.sheetnames == ["rows", "rows 2", "rows 3"]
    assert [[row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book] == [
        ["0", "1", "2"], ["3", "4", "5"], ["6", "7"],
    ]  # fmt: skip
