"""Workbooks (xlsx, xlsm, xls), opened only after looking at how much would come out of them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import python_calamine

from connectors.files.options import FilesOptions
from connectors.files.table import Row, UnreadableFileError, numbered_rows
from connectors.items import Json

MAX_UNPACKED = 200_000_000
MAX_RATIO = 100
#: A cell far out makes the reader lay out every empty cell before it: 24 bytes each.
MAX_CELLS = 20_000_000
_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_CHUNK = 1 << 20


def read_workbook(body: bytes, options: FilesOptions) -> Iterator[Row]:
    """Read one sheet. Formulas give their stored value; hidden sheets are read only when named.

    Raises:
        UnreadableFileError: no workbook, a password, too much in it, or no such sheet.
    """
    if body[:2] == b"PK":
        _refuse_bombs(body)
    try:
        book = python_calamine.load_workbook(io.BytesIO(body))
        sheet = book.get_sheet_by_name(_sheet_name(book, options))
        # empty rows on top are kept, so that row numbers are those a person sees
        rows = sheet.to_python(skip_empty_area=False)
    except python_calamine.PasswordError as error:
        msg = "the workbook is locked with a password; save it without one"
        raise UnreadableFileError(msg) from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        msg = f"the workbook cannot be read ({str(error)[:120]}); open it and save it again as xlsx"
        raise UnreadableFileError(msg) from error
    return numbered_rows(([_cell(value) for value in row] for row in rows), options)


def _sheet_name(book: python_calamine.CalamineWorkbook, options: FilesOptions) -> str:
    sheets = book.sheets_metadata
    if options.sheet is not None:
        if options.sheet not in book.sheet_names:
            msg = f"the workbook has no sheet {options.sheet!r}; it has {', '.join(book.sheet_names[:20])}"
            raise UnreadableFileError(msg)
        return options.sheet
    for sheet in sheets:
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible and (
            sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        ):
            return str(sheet.name)
    msg = "the workbook has no visible sheet with cells"
    raise UnreadableFileError(msg)


def _cell(value: object) -> Json:
    """A cell as JSON: whole numbers without `.0`, dates as the text a date reader takes."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, float):
        if value - value != 0:  # NaN and infinity are no JSON
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if isinstance(value, int) else str(value)


def _refuse_bombs(body: bytes) -> None:
    """Refuse what would unpack to too much, or lies about where its cells are.

    Raises:
        UnreadableFileError: it does, or it is no zip archive after all.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            total = sum(part.file_size for part in parts)
            packed = sum(part.compress_size for part in parts)
            if total > MAX_UNPACKED or (total > 10_000_000 and total > MAX_RATIO * max(packed, 1)):
                msg = f"the workbook unpacks to {total // 1_000_000} MB, more than is read from one; split it"
                raise UnreadableFileError(msg)
            for part in parts:
                if re.search(r"(?:^|/)worksheets/[^/]*\.xml$", part.filename, re.IGNORECASE):
                    _refuse_far_cells(archive, part)
    # `zipfile` raises NotImplementedError for a compression or encryption it cannot undo.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        msg = "the workbook is damaged or not complete; save it again"
        raise UnreadableFileError(msg) from error


def _refuse_far_cells(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    columns = rows = 0
    with archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            seen = rest + chunk
            for match in _CELL.finditer(seen):
                columns = max(columns, _column_number(match[1]))
                rows = max(rows, int(match[2]))
            rest = seen[-64:]
    if columns * rows > MAX_CELLS:
        msg = f"a sheet of the workbook spans {rows} rows by {columns} columns; delete the stray cells far out"
        raise UnreadableFileError(msg)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
