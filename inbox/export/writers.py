"""The writers of files by format. Each gets rows column by column and writes into `Pieces`; none knows the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from inbox.export.form import Form
from inbox.export.jsonl_file import JsonLinesWriter
from inbox.export.pieces import Pieces
from store.export_shape import Batch, Column


class Writer(Protocol):
    """Writes one table.

    Attributes:
        cut: texts that were too long for a cell.
    """

    cut: int

    def add(self, batch: Batch) -> None:
        """Write some rows."""

    def end(self) -> None:
        """Write what closes the file."""


def writer(name: str, columns: Sequence[Column], form: Form, out: Pieces) -> Writer:
    """A writer for a table of that name, which has written what opens the file."""
    return _MAKERS[form.format](name, columns, form, out)


def _csv(_name: str, columns: Sequence[Column], form: Form, out: Pieces) -> Writer:
    from inbox.export.csv_file import CsvWriter  # polars takes 60 MB

    return CsvWriter(columns, form, out)


def _parquet(_name: str, columns: Sequence[Column], _form: Form, out: Pieces) -> Writer:
    from inbox.export.parquet_file import ParquetFileWriter  # pyarrow takes 60 MB

    return ParquetFileWriter(columns, out)


def _xlsx(name: str, columns: Sequence[Column], _form: Form, out: Pieces) -> Writer:
    from inbox.export.xlsx_file import XlsxWriter

    return XlsxWriter(name, columns, out)


_MAKERS: dict[str, Callable[[str, Sequence[Column], Form, Pieces], Writer]] = {
    "jsonl": lambda _name, columns, _form, out: JsonLinesWriter(columns, out),
    "csv": _csv,
    "parquet": _parquet,
    "xlsx": _xlsx,
}
