r"""XLSX (ECMA-376) written as a stream in constant memory: cells with their texts in them, so that no table is kept.

Texts are cells of type `inlineStr`, which no spreadsheet runs as a formula or makes a link of. Ids are texts too: a
number keeps 15 digits. Instants are Excel's own days since 1899-12-30, in UTC, to the millisecond; those before March
1900 are texts. Characters that XML cannot hold are written as Excel does, `_x0000_`. Nothing in the file tells when it
was made.

Written here, because libraries are slower (see docs/benchmarks.md) or write the hour into the file.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import IO, Any, cast
from xml.sax.saxutils import escape

from inbox.export.pieces import Pieces
from inbox.export.spelling import LIST_SEPARATOR, iso
from store.export_shape import Batch, Column, Kind

SHEET_ROWS = 1_048_576
"""Rows of a sheet, its header with them."""
CELL_CHARACTERS = 32_767
"""Of a cell, in UTF-16 code units."""
_SHEET_BYTES = 1_900_000_000
"""Not every reader takes a part of 2 GiB or more, so a sheet ends before."""
_DIGITS = 15
_FIRST_DAY = 61
"""1 March 1900: before it, Excel counts a day that never was."""
_DAY = 86_400_000_000
_EPOCH_DAY = 25_569
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_MARKS = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff_]")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_INSTANT_STYLE, _HEADER_STYLE = 1, 2
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
    'formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2">'
    '<font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/>'
    '<name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/>'
    '<diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    '</cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_OPENING = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_CLOSING = "</sheetData></worksheet>"


class XlsxWriter:
    """Writes one table, over as many sheets as it needs."""

    def __init__(self, name: str, columns: Sequence[Column], out: Pieces) -> None:
        self.cut = 0
        self._name = name
        self._header = "".join(
            f'<c s="{_HEADER_STYLE}" t="inlineStr"><is><t>{each.name}</t></is></c>' for each in columns
        )
        self._as_cells = [self._cells(column.kind) for column in columns]
        self._zip = zipfile.ZipFile(cast("IO[bytes]", out), "w")
        self._sheets: list[str] = []
        self._sheet: IO[bytes] | None = None
        self._rows = self._bytes = 0
        self._open()

    def add(self, batch: Batch) -> None:
        """Write some rows."""
        columns = [made(values) for made, values in zip(self._as_cells, batch.columns, strict=True)]
        rows = [f"<row>{''.join(cells)}</row>" for cells in zip(*columns, strict=True)]
        at = 0
        while at < len(rows):
            if self._rows == SHEET_ROWS or self._bytes > _SHEET_BYTES:
                self._open()
            some = rows[at : at + SHEET_ROWS - self._rows]
            self._write("".join(some))
            self._rows += len(some)
            at += len(some)

    def end(self) -> None:
        """Write the parts that name the sheets."""
        self._close()
        for name, text in _parts(self._sheets):
            with self._zip.open(_entry(name), "w") as part:
                part.write(text.encode())
        self._zip.close()

    def _open(self) -> None:
        self._close()
        number = len(self._sheets) + 1
        self._sheets.append(self._name if number == 1 else f"{self._name} {number}")
        self._sheet = self._zip.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w")
        self._bytes = 0
        self._write(f"{_OPENING}<row>{self._header}</row>")
        self._rows = 1

    def _write(self, text: str) -> None:
        data = text.encode()
        self._bytes += len(data)
        cast("IO[bytes]", self._sheet).write(data)

    def _close(self) -> None:
        if self._sheet is not None:
            self._write(_CLOSING)
            self._sheet.close()
            self._sheet = None

    def _cells(self, kind: Kind) -> Callable[[Sequence[Any]], list[str]]:
        if kind in {Kind.TEXT, Kind.DOCUMENT}:
            return lambda values: [self._text(value) if value else "<c/>" for value in values]
        if kind is Kind.WORDS:
            return lambda values: [self._text(LIST_SEPARATOR.join(value)) if value else "<c/>" for value in values]
        return _CELLS[kind]

    def _text(self, text: str) -> str:
        if len(text) > CELL_CHARACTERS // 2:
            text = self._fitting(text)
        if _MARKS.search(text):
            text = escape(_BAD.sub(_spelled, text))
        if text[0].isspace() or text[-1].isspace():
            return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        return f'<c t="inlineStr"><is><t>{text}</t></is></c>'

    def _fitting(self, text: str) -> str:
        units = text.encode("utf-16-le")
        if len(units) <= 2 * CELL_CHARACTERS:
            return text
        self.cut += 1
        return units[: 2 * CELL_CHARACTERS].decode("utf-16-le", "ignore")


def _spelled(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _ids(values: Sequence[int | None]) -> list[str]:
    return ["<c/>" if value is None else f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values]


def _numbers(values: Sequence[float | None]) -> list[str]:
    return ["<c/>" if value is None else _number(value) for value in values]


def _number(value: float) -> str:
    if not math.isfinite(value) or (isinstance(value, int) and abs(value) >= 10**_DIGITS):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value!r}</v></c>"


def _instants(values: Sequence[int | None]) -> list[str]:
    return ["<c/>" if value is None else _instant(value) for value in values]


def _instant(micros: int) -> str:
    days = micros / _DAY + _EPOCH_DAY
    if days < _FIRST_DAY:
        return f'<c t="inlineStr"><is><t>{iso(micros)}</t></is></c>'
    return f'<c s="{_INSTANT_STYLE}"><v>{days!r}</v></c>'


def _flags(values: Sequence[Any]) -> list[str]:
    return ["<c/>" if value is None else f'<c t="b"><v>{int(value)}</v></c>' for value in values]


_CELLS: dict[Kind, Callable[[Sequence[Any]], list[str]]] = {
    Kind.ID: _ids,
    Kind.INTEGER: _numbers,
    Kind.REAL: _numbers,
    Kind.INSTANT: _instants,
    Kind.FLAG: _flags,
}


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry._compresslevel = 1  # type: ignore[attr-defined]  # noqa: SLF001  public from Python 3.13 on
    return entry


def _parts(sheets: Sequence[str]) -> list[tuple[str, str]]:
    """The parts of a workbook but for its sheets, by name."""
    numbered = [(number, name) for number, name in enumerate(sheets, 1)]
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for number, _ in numbered
    )
    listed = "".join(f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, name in numbered)
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number, _ in numbered
    )
    return [
        ("xl/styles.xml", _STYLES),
        (
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>',
        ),
        (
            "xl/_rels/workbook.xml.rels",
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{related}<Relationship Id="rId{len(sheets) + 1}" '
            f'Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        ),
        (
            "_rels/.rels",
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        ),
        (
            "[Content_Types].xml",
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            f'{types}<Override PartName="/xl/styles.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>',
        ),
    ]
