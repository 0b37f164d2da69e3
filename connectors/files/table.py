"""A file as a stream of numbered rows: CSV and JSONL here, workbooks in `workbook`."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connectors.files.encoding import decode
from connectors.files.options import FilesOptions
from connectors.items import Json
from connectors.storable import storable

#: Long complaints exceed Python's own limit of 131,072 characters a field.
csv.field_size_limit(10_000_000)

_DELIMITERS = (";", ",", "\t", "|")
_LOOK_AT = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: as a person counts in a spreadsheet, the header included; the line in a JSONL file.
        cells: column to value.
        trouble: why this row cannot be read; None for a good one.
    """

    number: int
    cells: dict[str, Json]
    trouble: str | None = None


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the text says why and what to do."""


def read_csv(body: bytes, options: FilesOptions) -> Iterator[Row]:
    """Read delimited text.

    Raises:
        UnreadableFileError: the file has no rows or breaks the format beyond a row.
    """
    text = decode(body, options.encoding)
    text, named = _separator_line(text)
    delimiter = options.delimiter or named or find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=False)
    return _numbered(_guarded(reader), options, first=2 if named else 1)


def _guarded(reader: Iterator[list[str]]) -> Iterator[list[Json]]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            msg = f"the file breaks off in a field that does not end ({error}); check its quotation marks"
            raise UnreadableFileError(msg) from error
        yield list(row)


def _separator_line(text: str) -> tuple[str, str | None]:
    """Take off Excel's own first line `sep=;`."""
    line, _, rest = text.partition("\n")
    line = line.strip().strip('"')
    if line.lower().startswith("sep=") and len(line) <= 5:
        return rest, line[4:] or "\t"
    return text, None


def find_delimiter(text: str) -> str:
    """Choose the delimiter that gives the first rows the most even number of columns.

    Python's own detector failed on quoted semicolons and called an `s` the delimiter of a one-column file.
    """
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            rows = [
                row
                for row in itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 200)
                if row
            ]
        except csv.Error:
            continue
        rows = rows[:_LOOK_AT]
        columns = len(rows[0]) if rows else 0
        if columns < 2:
            continue
        even = sum(len(row) == columns for row in rows) / len(rows)
        if (even, columns) > best_score:
            best, best_score = delimiter, (even, columns)
    return best


def _numbered(rows: Iterable[Sequence[Json]], options: FilesOptions, *, first: int) -> Iterator[Row]:
    """Give each row its number and its columns' names."""
    header: list[str] | None = None
    for number, row in enumerate(rows, first):
        if number - first < options.skip_rows or all(value in (None, "") for value in row):
            continue
        if header is None:
            if options.header:
                header = _names(row)
                continue
            header = [str(position) for position in range(1, len(row) + 1)]
        yield _row(number, header, row)
    if header is None:
        msg = "the file has no rows"
        raise UnreadableFileError(msg)


def _names(row: Sequence[Json]) -> list[str]:
    """Names of the columns; a name that occurs twice gets a number, an empty one its position."""
    names: list[str] = []
    for position, cell in enumerate(row, 1):
        plain = " ".join(str(cell or "").replace("\ufeff", "").split()) or f"column {position}"
        name, copy = plain, 2
        while name in names:
            name, copy = f"{plain} ({copy})", copy + 1
        names.append(name)
    return names


def _row(number: int, header: Sequence[str], row: Sequence[Json]) -> Row:
    cells = dict(zip(header, row, strict=False))
    over = [value for value in row[len(header) :] if value not in (None, "")]
    if over:
        return Row(
            number,
            {**cells, "beyond the header": list(over)},
            f"row {number} has {len(row)} columns where the header has {len(header)}; "
            "put text that holds the delimiter in quotation marks",
        )
    return Row(number, cells)


def read_jsonl(body: bytes, options: FilesOptions) -> Iterator[Row]:
    """Read one JSON object per line. Objects inside become columns with a dot: `author.name`.

    Raises:
        UnreadableFileError: the file has no rows.
    """
    found = False
    # not splitlines: a JSON text may hold U+2028, which is no end of a line here
    for number, line in enumerate(decode(body, options.encoding).split("\n"), 1):
        if not line.strip():
            continue
        found = True
        try:
            value = json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            yield Row(number, {"line": storable(line[:2_000])}, f"line {number} is no JSON; it may be cut off")
            continue
        if isinstance(value, dict):
            yield Row(number, dict(_flat(_storable_object(value))))
        else:
            yield Row(
                number, {"line": storable(line[:2_000])}, f"line {number} is no JSON object, as every line has to be"
            )
    if not found:
        msg = "the file has no lines"
        raise UnreadableFileError(msg)


def _no_constant(name: str) -> None:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _storable_object(value: dict[str, Json]) -> dict[str, Json]:
    clean = storable(value)
    return clean if isinstance(clean, dict) else {}


def _flat(value: dict[str, Json], before: str = "", depth: int = 0) -> Iterator[tuple[str, Json]]:
    for key, part in value.items():
        if isinstance(part, dict) and part and depth < 5:
            yield from _flat(part, f"{before}{key}.", depth + 1)
        else:
            yield f"{before}{key}", part


def numbered_rows(rows: Iterable[Sequence[Json]], options: FilesOptions) -> Iterator[Row]:
    """Number the rows of a workbook's sheet; same rules as for CSV."""
    return _numbered(rows, options, first=1)
