"""What a row becomes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.errors import FormatChanged
from connectors.files import FilesOptions
from connectors.files.values import CellError, figure_of, flag_of, rating_of
from connectors.items import Kind, Visibility
from tests.connectors.files.conftest import Folder


@pytest.mark.parametrize(
    ("cell", "rating", "scale"),
    [
        ("4,5/5", 4.5, 5),
        ("8 van 10", 8, 10),
        ("8 van de 10", 8, 10),
        ("8 out of 10", 8, 10),
        ("7/10", 7, 10),
        ("★★★☆☆", 3, 5),
        ("★★★★", 4, 5),
        ("⭐⭐⭐⭐⭐", 5, 5),
        ("☆☆☆☆☆", 0, 5),
        ("4 sterren", 4, 5),
        ("1 star", 1, 5),
        ("80%", 80, 100),
        ("4,5", 4.5, None),
        ("4.5", 4.5, None),
        (4.5, 4.5, None),
        (8, 8, None),
    ],
)
def test_a_rating_is_read_in_every_usual_spelling(cell: Any, rating: float, scale: float | None) -> None:
    found = rating_of(cell, decimal_comma=True)
    assert found is not None
    assert (found.value, found.scale) == (rating, scale)


@pytest.mark.parametrize("cell", ["", None, "-", "n.v.t.", "N/A", "#N/B"])
def test_nothing_filled_in_is_no_rating(cell: Any) -> None:
    assert rating_of(cell, decimal_comma=True) is None


@pytest.mark.parametrize(
    ("cell", "comma", "figure"),
    [
        ("1.234", True, 1234),
        ("1.234,5", True, 1234.5),
        ("1,234.5", True, 1234.5),
        ("1,234", False, 1234),
        ("12.5", True, 12.5),
        ("0.125", True, 0.125),
        ("1 234", True, 1234),
        ("-3,5", True, -3.5),
        ("1.234.567", True, 1234567),
    ],
)
def test_figures_with_points_and_commas(cell: str, comma: bool, figure: float) -> None:
    assert figure_of(cell, decimal_comma=comma) == figure


@pytest.mark.parametrize("cell", ["acht", "4,5,6.7,8x", "1e5", "--4"])
def test_what_is_no_figure_is_said(cell: str) -> None:
    with pytest.raises(CellError, match="no figure"):
        figure_of(cell, decimal_comma=True)


def test_yes_and_no_in_two_languages() -> None:
    assert [flag_of(each) for each in ("ja", "Nee", "x", True, 0, "")] == [True, False, True, True, False, None]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("22-11-2026", "2026-11-21 23:00"),
        ("22-11-2026 10:00", "2026-11-22 09:00"),
        ("2026-07-22 10:00", "2026-07-22 08:00"),
        ("2026-07-22T10:00:00Z", "2026-07-22 10:00"),
        ("46348.5", "2026-11-22 11:00"),
        ("46348,5", "2026-11-22 11:00"),
        ("22 mrt 2026 10:00", "2026-03-22 09:00"),
        ("25-10-2026 02:30", "2026-10-25 00:30"),  # occurs twice; the first
    ],
)
def test_dates_are_read_in_the_zone_of_the_import(folder: Folder, written: str, utc: str) -> None:
    found = folder.one(f"datum;tekst\n{written};x\n")
    assert found.published_at == datetime.fromisoformat(utc + "+00:00")


def test_american_files_put_the_month_first_when_told(folder_of: Callable[..., Folder]) -> None:
    found = folder_of(dates="month_first", timezone="UTC").one("date,text\n11/12/2026,x\n")
    assert found.published_at == datetime.fromisoformat("2026-11-12T00:00+00:00")


def test_old_mac_workbooks_count_from_1904(folder_of: Callable[..., Folder]) -> None:
    found = folder_of(excel_epoch=1904, timezone="UTC").one("date,text\n44886,x\n")
    assert found.published_at == datetime.fromisoformat("2026-11-22T00:00+00:00")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("31-02-2026;x;;", "row 2, column 'datum': '31-02-2026' is no date"),
        ("01-01-2099;x;;", "in the future"),
        (";;;", ""),
        ("22-11-2026;;;", "no text, title or rating"),
        (";x;11;", "11 lies outside 0 to 10"),
        (";x;prima;", "'prima' is no rating"),
        (";x;;veel", "'veel' is no figure"),
        (";x;;-3", "'-3' is no count"),
    ],
)
def test_a_row_that_cannot_be_read_says_which_and_why(folder: Folder, row: str, reason: str) -> None:
    assert folder.read(f"datum;tekst;cijfer;likes\n{row}\n") == []
    assert [reason in each.error for each in folder.rejected] == ([True] if reason else [])


def test_names_of_columns_are_recognised_in_dutch_and_english(folder: Folder) -> None:
    found = folder.one(
        "Kenmerk;Geplaatst_op;Auteur;Titel;Reactie;Sterren;Kanaal;Taal;Link;Labels;Wachttijd\n"
        "R1;22-11-2026;Piet;Kop;Traag;2;Play Store;nl;https://x.example/1;app, #storing;12 min\n"
    )
    assert (found.external_id, found.kind, found.title, found.text) == ("R1", Kind.REVIEW, "Kop", "Traag")
    assert (found.rating, found.rating_scale, found.lang_hint) == (2, 5, "nl")
    assert found.url == found.capabilities.deep_link == "https://x.example/1"
    assert found.tags == ("Play Store", "app", "storing")
    assert found.extra["columns"] == {"Wachttijd": "12 min"}
    assert not found.capabilities.can_reply


def test_a_mapping_goes_before_the_names(folder_of: Callable[..., Folder]) -> None:
    folder = folder_of(
        columns={"Vraag 1": "text", "Vraag 2": "text", "Wie": "author", "Titel": "ignore", "Punten": "rating"},
        constants={"scale": "100", "kind": "review", "lang": "nl", "channel": "Enquête"},
    )
    found = folder.one("Vraag 1;Vraag 2;Wie;Titel;Punten\ngoed;niets;Jo;weg;80\n")
    assert found.text == "Vraag 1: goed\n\nVraag 2: niets"
    assert (found.title, found.rating, found.rating_scale, found.kind) == (None, 80, 100, Kind.REVIEW)
    assert "columns" not in found.extra
    assert found.tags == ("Enquête",)


def test_a_rating_without_any_scale_is_kept_but_not_guessed(folder: Folder) -> None:
    found = folder.one("tekst;score\nx;4\n")
    assert (found.rating, found.extra["rating_raw"]) == (None, "4")


def test_a_scale_column_gives_the_scale(folder: Folder) -> None:
    found = folder.one("tekst;score;schaal\nx;4;7\n")
    assert (found.rating, found.rating_scale) == (4, 7)


def test_threads_own_posts_and_privacy_are_read(folder: Folder) -> None:
    found = folder.one("id;reactie op;gesprek;tekst;eigen;zichtbaarheid\n2;1;g1;x;ja;privé\n")
    assert (found.parent_external_id, found.thread_external_id, found.kind) == ("1", "g1", Kind.COMMENT)
    assert found.is_own
    assert found.visibility is Visibility.PRIVATE


def test_a_link_that_is_no_web_address_is_kept_apart(folder: Folder) -> None:
    found = folder.one("tekst;url\nx;javascript:alert(1)\n")
    assert (found.url, found.extra["url_raw"]) == (None, "javascript:alert(1)")


def test_a_formula_in_a_cell_is_just_text(folder: Folder) -> None:
    assert folder.one("tekst\n=HYPERLINK(1)\n").text == "=HYPERLINK(1)"


def test_every_kept_row_reads_back_the_same_item_and_a_repaired_mapping_reads_a_rejected_one(
    folder_of: Callable[..., Folder],
) -> None:
    wrong = folder_of(dates="day_first")
    (found,) = wrong.read("date,text\n11-12-2025,a\n11/22/2026,b\n")
    raw = json.loads(json.dumps(found.raw))
    assert wrong.connector.reparse(raw, found.namespace, wrong.query) == found
    (bad,) = wrong.rejected
    with pytest.raises(FormatChanged):
        wrong.connector.reparse(bad.payload, None, wrong.query)
    repaired = folder_of(dates="month_first")
    again = repaired.connector.reparse(bad.payload, None, repaired.query)
    assert (again.text, again.namespace) == ("b", "enquete")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"timezone": "Mars"}, "no time zone"),
        ({"encoding": "utf-99"}, "no encoding"),
        ({"delimiter": ";;"}, "one character"),
        ({"columns": {"a": "author", "b": "author"}}, "more than one column fills author"),
        ({"columns": {"a": "tekst"}}, "published_at"),
        ({"constants": {"text": "x"}}, "cannot be the same for every row"),
    ],
)
def test_a_mistake_in_the_options_is_explained(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        FilesOptions(folder="/drop", **options)
