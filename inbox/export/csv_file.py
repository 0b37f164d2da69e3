"""CSV as in RFC 4180: UTF-8, CRLF, quotes where needed. No text is run as a formula, and every text can be read back.

`Form.excel` is what a Dutch Excel opens with a double click: a byte order mark, `;`, instants to the second in a form
that it takes for one, and an apostrophe before what it would take for a number, a date or a truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import IO, Any, cast

import polars as pl

from inbox.export.form import Form
from inbox.export.pieces import Pieces
from inbox.export.spelling import LIST_SEPARATOR, iso
from inbox.spreadsheets import DIGITS, LONGEST_NAMED, SUSPECTS, guarded
from store.export_shape import Batch, Column, Kind

_MARK = "\ufeff"
_TYPES = {Kind.ID: pl.Int64, Kind.INTEGER: pl.Int64, Kind.REAL: pl.Float64}
_SUSPECTS = SUSPECTS | DIGITS
_NUMBER_DIGITS = 15
"""A spreadsheet keeps so many digits of a number."""


class CsvWriter:
    """Writes one table."""

    def __init__(self, columns: Sequence[Column], form: Form, out: Pieces) -> None:
        self.cut = 0
        self._as_cells = [_cells(column.kind, form) for column in columns]
        self._types = [_TYPES.get(column.kind, pl.String) for column in columns]
        self._names = [column.name for column in columns]
        self._separator = ";" if form.excel else ","
        self._out = out
        out.write((_MARK if form.excel else "").encode() + self._separator.join(self._names).encode() + b"\r\n")

    def add(self, batch: Batch) -> None:
        """Write some rows."""
        made = zip(self._names, self._as_cells, self._types, batch.columns, strict=True)
        frame = pl.DataFrame(
            [
                pl.Series(name, values, plain) if cells is None else pl.Series(name, cells(values), pl.String)
                for name, cells, plain, values in made
            ]
        )
        frame.write_csv(
            cast("IO[bytes]", self._out), include_header=False, separator=self._separator, line_terminator="\r\n"
        )

    def end(self) -> None:
        """A file of lines ends with its last line."""


def _cells(kind: Kind, form: Form) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    """How values of a kind become cells; None where they are as they stand."""
    if form.excel and kind in _EXCEL:
        return _EXCEL[kind]
    if form.decimal_comma and kind is Kind.REAL:
        return _with_comma
    return _PLAIN.get(kind)


def _texts(values: Sequence[str | None], *, digits: bool = False) -> list[str | None]:
    if digits:
        return [
            guarded(one, digits=True) if one and (len(one) <= LONGEST_NAMED or one[0] in _SUSPECTS) else one
            for one in values
        ]
    return [guarded(value) if value and value[0] in SUSPECTS else value for value in values]


def _words(values: Sequence[tuple[str, ...]], *, digits: bool = False) -> list[str]:
    return [guarded(LIST_SEPARATOR.join(words), digits=digits) if words else "" for words in values]


def _instants(values: Sequence[int | None]) -> list[str | None]:
    return [None if value is None else iso(value) for value in values]


def _excel_instants(values: Sequence[int | None]) -> list[str | None]:
    return [None if value is None else iso(value)[:19].replace("T", " ") for value in values]


def _excel_ids(values: Sequence[int | None]) -> list[str | None]:
    told = (None if value is None else str(value) for value in values)
    return [f"'{one}" if one is not None and len(one) > _NUMBER_DIGITS else one for one in told]


def _flags(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else "true" if value else "false" for value in values]


def _with_comma(values: Sequence[float | None]) -> list[str | None]:
    return [None if value is None else repr(value).replace(".", ",") for value in values]


_PLAIN: Mapping[Kind, Callable[[Sequence[Any]], Sequence[Any]]] = {
    Kind.TEXT: _texts,
    Kind.WORDS: _words,
    Kind.INSTANT: _instants,
    Kind.FLAG: _flags,
    Kind.DOCUMENT: _texts,
}
_EXCEL: Mapping[Kind, Callable[[Sequence[Any]], Sequence[Any]]] = {
    Kind.TEXT: partial(_texts, digits=True),
    Kind.WORDS: partial(_words, digits=True),
    Kind.INSTANT: _excel_instants,
    Kind.ID: _excel_ids,
}
