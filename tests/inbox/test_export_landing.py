"""A file is complete or not there; who is erased goes out of every file that is remembered."""

from __future__ import annotations

import csv
import io
import json
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from inbox import export
from inbox.errors import NotWritten
from inbox.export import FORMATS, Form
from inbox.privacy import files
from inbox.views import EVERYTHING
from store.schema import made_file
from tests.inbox.conftest import World
from tests.inbox.exported import said


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def written(world: World, table: str, form: Form, target: Path) -> None:
    to, bound = export.recipient(world.desk, None), export.now(world.desk)
    if table == "all":
        export.pack(world.desk, EVERYTHING, form, target, to=to, snapshot=bound)
    else:
        export.write(world.desk, table, EVERYTHING, form, target, to=to, snapshot=bound)


def remembered(world: World, table: str, form: Form, target: Path) -> None:
    written(world, table, form, target)
    files.remember(
        world.store,
        target,
        files.EXPORT,
        now=world.clock(),
        form={"format": form.format, "table": table, "excel": form.excel},
    )


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("name", [*FORMATS, "all"])
def test_a_full_disk_leaves_the_file_of_before_and_says_so(world: World, tmp_path: Path, name: Any) -> None:
    world.conversation(text="".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(60_000)))
    target = tmp_path / "out"
    target.write_bytes(b"of before")
    table, form = ("all", Form("csv")) if name == "all" else ("mentions", Form(name))
    # A text of 60,000 different characters does not fit, however it is compressed.
    with room_for(20_000), pytest.raises(NotWritten, match="The disk is full") as told:
        written(world, table, form, target)
    assert str(target) in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert target.read_bytes() == b"of before"


def test_a_folder_that_is_not_there_is_told(world: World, tmp_path: Path) -> None:
    to, bound = export.recipient(world.desk, None), export.now(world.desk)
    with pytest.raises(NotWritten, match="No such file or directory"):
        export.write(world.desk, "tags", EVERYTHING, Form(), tmp_path / "none" / "out", to=to, snapshot=bound)


def texts(path: Path, form: Form) -> list[str]:
    data = path.read_bytes()
    if form.format == "parquet":
        return list(pq.read_table(io.BytesIO(data)).column("text").to_pylist())
    if form.format == "csv":
        lines = io.StringIO(data.decode("utf-8-sig"), newline="")
        return [row["text"] for row in csv.DictReader(lines, delimiter=";" if form.excel else ",")]
    return [json.loads(line)["text"] for line in data.splitlines()]


@pytest.mark.parametrize(
    "form",
    [Form("jsonl"), Form("csv"), Form("csv", excel=True), Form("parquet"), Form("parquet", pseudonymise=True)],
    ids=str,
)
def test_who_is_erased_goes_out_of_files_of_rows(world: World, tmp_path: Path, form: Form) -> None:
    gone, stays = said(world, "weg\r\nermee"), said(world, "blijft, echt")
    target = tmp_path / "mentions"
    remembered(world, "mentions", form, target)
    before = target.read_bytes()
    assert files.take_out(world.store, [1], [1]).rewritten == {}
    assert target.read_bytes() == before, "nothing was written where nobody goes"
    (author_id,) = authors_of(world, gone)
    done = files.take_out(world.store, [], [author_id])
    assert done.rewritten == {str(target.resolve()): 1}
    assert texts(target, form) == ["blijft, echt"]
    assert files.take_out(world.store, [], authors_of(world, stays)).rewritten == {str(target.resolve()): 1}
    assert texts(target, form) == []


def authors_of(world: World, conversation_id: int) -> list[int]:
    return [world.row(conversation_id).author_id]


def test_a_file_of_which_no_row_can_be_taken_out_is_removed_with_a_note(world: World, tmp_path: Path) -> None:
    number = said(world, "weg ermee")
    book, pack, tags = tmp_path / "book.xlsx", tmp_path / "all.zip", tmp_path / "tags.csv"
    remembered(world, "mentions", Form("xlsx"), book)
    remembered(world, "all", Form("csv"), pack)
    remembered(world, "tags", Form("csv"), tags)
    assert openpyxl.load_workbook(book).worksheets
    assert zipfile.is_zipfile(pack)
    done = files.take_out(world.store, [], authors_of(world, number))
    assert done.removed == (str(pack.resolve()), str(book.resolve()))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "all.zip.removed.txt",
        "book.xlsx.removed.txt",
        "tags.csv",
    ]
    assert "book.xlsx was removed" in (tmp_path / "book.xlsx.removed.txt").read_text("utf-8")
    with world.store.read() as conn:
        assert list(conn.execute(select(made_file.c.path)).scalars()) == [str(tags.resolve())]
