"""Files as programs and people really write them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConnectorError
from connectors.files.table import find_delimiter
from tests.connectors.files.conftest import Folder

DUTCH = 'Datum;Naam;Tekst;Cijfer\r\n22-11-2026 10:00;Zoë;"Café; te duur, € 5";4,5\r\n'


def _workbook(*rows: list[object], **sheets: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for title, state in sheets.items():
        extra = book.create_sheet(title)
        extra.append(["tekst"])
        extra.append([title])
        extra.sheet_state = state
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_usual_encoding_gives_euro_and_accents(folder: Folder, encoding: str) -> None:
    found = folder.one(DUTCH.encode(encoding))
    assert found.text == "Café; te duur, € 5"
    assert found.author is not None
    assert found.author.name == "Zoë"


def test_a_few_damaged_bytes_do_not_turn_utf8_into_gibberish(folder: Folder) -> None:
    body = ("tekst\r\n" + "één café € " * 10 + "XX\r\n").encode().replace(b"XX", b"\x80")
    assert (folder.one(body).text or "").endswith("café € €")


def test_an_encoding_set_by_a_person_is_obeyed(folder_of: Callable[..., Folder]) -> None:
    assert folder_of(encoding="iso-8859-5").one("текст,tekst\r\nx,привет\r\n".encode("iso-8859-5")).text == "привет"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ('a;b\n"x;y";"1,2"\n', ";"),
        ("a,b\n1,2\n", ","),
        ("a\tb\n1,5\t2,5\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("tekst\neen sessie\nssss\n", ","),
        ("tekst\neen, twee\ndrie\n", ","),
        ("id;tekst\n1;goed, heel goed, top\n2;slecht\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_gives_even_rows(text: str, delimiter: str) -> None:
    assert find_delimiter(text) == delimiter


def test_excels_own_first_line_names_the_delimiter_and_is_no_row(folder: Folder) -> None:
    assert folder.one("sep=|\r\nid|tekst\r\n1|hallo, wereld\r\n").text == "hallo, wereld"


def test_a_line_end_inside_quotes_belongs_to_the_text(folder: Folder) -> None:
    assert folder.one('id,tekst\r\n1,"regel 1\r\nregel 2"\r\n').text == "regel 1\r\nregel 2"


def test_a_text_longer_than_pythons_own_limit_is_read(folder: Folder) -> None:
    assert len(folder.one("id,tekst\n1," + "x" * 200_000 + "\n").text or "") == 200_000


def test_empty_rows_and_missing_last_columns_are_no_trouble(folder: Folder) -> None:
    found = folder.read("id;tekst;titel\n\n1;een\n;;\n2;twee;kop\n")
    assert [each.text for each in found] == ["een", "twee"]
    assert folder.rejected == []


def test_a_row_with_too_many_columns_is_set_aside_with_its_number(folder: Folder) -> None:
    found = folder.read("id;tekst\n1;goed\n2;half; af\n3;goed\n")
    assert [each.external_id for each in found] == ["1", "3"]
    assert folder.rejected[0].error.startswith("export.csv: row 3 has 3 columns where the header has 2")


def test_rows_above_the_header_may_be_left_out(folder_of: Callable[..., Folder]) -> None:
    assert folder_of(skip_rows=2).one("Rapport\n22-11-2026\nid,tekst\n1,hoi\n").text == "hoi"


def test_a_file_without_header_is_mapped_by_position(folder_of: Callable[..., Folder]) -> None:
    folder = folder_of(header=False, columns={"1": "external_id", "2": "text"})
    assert [each.text for each in folder.read("1,hoi\n2,dag\n")] == ["hoi", "dag"]


def test_a_workbook_is_read_with_dates_whole_numbers_and_row_numbers(folder: Folder) -> None:
    when = datetime(2026, 11, 22, 10, 0)  # noqa: DTZ001 - Excel knows no zones
    body = _workbook(["id", "datum", "tekst", "cijfer"], [12345, when, "Top", 8], [12346, when, None, None])
    (found,) = folder.read(body, "export.xlsx")
    assert found.external_id == "12345"
    assert found.published_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert (found.rating, found.rating_scale) == (8, 10)
    assert "row 3 has no text" in folder.rejected[0].error


def test_a_midnight_in_a_workbook_is_a_date(folder: Folder) -> None:
    body = _workbook(["datum", "tekst"], [datetime(2026, 7, 1), "x"])  # noqa: DTZ001 - as above
    assert folder.one(body, "export.xlsx").published_at == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_hidden_sheets_are_read_only_when_named(folder_of: Callable[..., Folder]) -> None:
    body = _workbook(["tekst"], ["zichtbaar"], geheim="hidden")
    assert folder_of().one(body, "a.xlsx").text == "zichtbaar"
    assert folder_of(sheet="geheim").one(body, "a.xlsx").text == "geheim"


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("a.csv", b"", "no rows"),
        ("a.jsonl", b"\n\n", "no lines"),
        ("a.xlsx", b"PK\x03\x04 kapot", "damaged"),
        ("a.xlsx", b"geen workbook", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_rejected_item_and_stops_nothing(
    folder: Folder, name: str, body: bytes, sentence: str
) -> None:
    folder.files["z.csv"] = b"id,tekst\n1,hoi\n"
    found = folder.read(body, name)
    assert [each.text for each in found] == ["hoi"]
    (bad,) = folder.rejected
    assert name in bad.error
    assert sentence in bad.error
    assert folder.run() == []


def test_a_workbook_that_would_unpack_to_too_much_is_not_opened(folder: Folder) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(30_000_000))
    assert folder.read(out.getvalue(), "bom.xlsx") == []
    assert "unpacks to 30 MB" in folder.rejected[0].error


def test_a_stray_cell_far_out_does_not_eat_the_memory(folder: Folder) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "tekst", "ver weg"
    out = io.BytesIO()
    book.save(out)
    assert folder.read(out.getvalue(), "ver.xlsx") == []
    assert "stray cells" in folder.rejected[0].error


def test_jsonl_is_read_line_by_line_and_a_bad_line_is_set_aside(folder: Folder) -> None:
    lines = [
        json.dumps({"id": 1, "text": "a\u2028b", "author": {"name": "Jo"}}, ensure_ascii=False),
        "{half",
        "[1]",
        "",
        json.dumps({"id": 2, "text": "twee"}),
    ]
    found = folder.read("\n".join(lines), "x.jsonl")
    assert [each.text for each in found] == ["a\u2028b", "twee"]
    assert ["line 2" in folder.rejected[0].error, "line 3" in folder.rejected[1].error] == [True, True]


def test_objects_inside_a_line_are_columns_with_a_dot(folder_of: Callable[..., Folder]) -> None:
    folder = folder_of(columns={"user.name": "author", "body": "text", "n": "external_id"})
    found = folder.one('{"n": 7, "user": {"name": "Jo"}, "body": "hoi"}', "x.jsonl")
    assert found.author is not None
    assert (found.author.name, found.external_id) == ("Jo", "7")


def test_nul_and_lone_surrogates_become_a_mark_or_vanish(folder: Folder) -> None:
    assert folder.one('{"id": 1, "text": "a\\ud800b\\u0000c"}', "x.jsonl").text == "a\ufffdb\ufffdc"
    assert folder.one(b"id,tekst\n9,a\x00b\n").text == "ab"


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.sampled_from(["x.csv", "x.xlsx", "x.jsonl", "x.xls"]))
def test_random_bytes_raise_nothing_but_our_errors(body: bytes, name: str) -> None:
    with suppress(ConnectorError):
        Folder().read(body, name)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "tekst", "datum", "cijfer", "schaal", "auteur", "likes", "url", "eigen"]),
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(max_size=12)
            | st.lists(st.text(max_size=3)),
        ),
        max_size=4,
    )
)
def test_rows_of_any_values_are_read_or_set_aside_with_a_reason(rows: list[dict[str, object]]) -> None:
    folder = Folder()
    folder.read("\n".join(json.dumps(row) for row in rows), "x.jsonl")
    assert all(len(each.error) > 20 for each in folder.rejected)
