"""Importing a folder: nothing lost, nothing doubled, whatever is dropped and whenever the machine stops."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.contract import Interval
from tests.connectors.files.conftest import NOW, Folder


def _rows(count: int, *, ids: bool = True, first: int = 0) -> str:
    head = "id;datum;naam;tekst\n"
    return head + "".join(f"{n if ids else ''};22-11-2026 10:00;Jo;bericht {n}\n" for n in range(first, first + count))


def _keys(folder: Folder) -> list[tuple[str, str]]:
    return [(each.namespace, each.external_id) for page in folder.pages for each in page.items]


def test_a_long_file_comes_in_pages_of_five_hundred(folder: Folder) -> None:
    assert len(folder.read(_rows(1_203))) == 1_203
    assert [len(page.items) for page in folder.pages] == [500, 500, 203, 0]
    assert len(set(_keys(folder))) == 1_203


def test_a_folder_read_to_the_end_proves_its_window_and_only_then(folder: Folder) -> None:
    folder.read(_rows(3))
    assert [page.covered for page in folder.pages] == [None, Interval(NOW.replace(day=15), NOW)]


def test_the_same_file_again_adds_nothing_not_even_under_another_name(folder: Folder) -> None:
    folder.read(_rows(3))
    folder.files["kopie.csv"] = folder.files["export.csv"]
    assert folder.run() == []


@pytest.mark.parametrize("ids", [True, False])
def test_a_newer_export_with_the_same_rows_gives_the_same_identities(
    folder: Folder,
    ids: bool,
) -> None:
    folder.read(_rows(10, ids=ids))
    before = set(_keys(folder))
    folder.read(_rows(12, ids=ids), "later.csv")
    assert len(set(_keys(folder)) - before) == 2


def test_spaces_do_not_make_a_row_without_id_another_one(folder: Folder) -> None:
    first = folder.one("datum;naam;tekst\n22-11-2026;Jo;het  ligt plat\n")
    second = folder.one("datum;naam;tekst\n22-11-2026; Jo ;het ligt plat \n", "b.csv")
    assert first.external_id == second.external_id


def test_two_sources_keep_their_ids_apart_unless_they_share_a_profile(folder_of: Callable[..., Folder]) -> None:
    assert folder_of().one(_rows(1)).namespace == "enquete"
    assert folder_of(profile="klanten").one(_rows(1)).namespace == "klanten"


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_a_stop_between_any_two_pages_loses_and_doubles_nothing(folder: Folder, pages: int) -> None:
    folder.files["export.csv"] = _rows(1_203).encode()
    folder.files["nog.csv"] = _rows(5, first=5_000).encode()
    folder.run(pages=pages)
    folder.run()
    keys = _keys(folder)
    assert len(keys) == len(set(keys)) == 1_208


def test_a_file_replaced_while_half_read_is_read_from_its_start(folder: Folder) -> None:
    folder.files["export.csv"] = _rows(1_203).encode()
    folder.run(pages=1)
    folder.files["export.csv"] = _rows(600, first=9_000).encode()
    folder.run()
    assert len({key for key in _keys(folder) if int(key[1]) >= 9_000}) == 600


def test_a_file_taken_away_while_half_read_stops_nothing(folder: Folder) -> None:
    folder.files["export.csv"] = _rows(1_203).encode()
    folder.run(pages=1)
    del folder.files["export.csv"]
    folder.files["nog.csv"] = _rows(5, first=5_000).encode()
    assert len(folder.run()) == 5
    assert folder.pages[-1].covered is not None


def test_a_half_read_file_that_is_gone_is_forgotten(folder: Folder) -> None:
    folder.files["export.csv"] = _rows(1_203).encode()
    folder.run(pages=1)
    folder.files.clear()
    assert folder.run() == []
    assert folder.state == {"done": []}


def test_an_empty_folder_is_no_trouble(folder: Folder) -> None:
    assert folder.run() == []
    assert folder.pages[0].covered == Interval(NOW.replace(day=15), NOW)


def test_large_files_come_in_fewer_larger_pages(folder: Folder) -> None:
    rows = "id;tekst\n" + "".join(f"{n};{'lang ' * 200}\n" for n in range(6_000))
    assert len(folder.read(rows)) == 6_000
    assert [len(page.items) for page in folder.pages] == [5_000, 1_000, 0]
